// SPDX-License-Identifier: LGPL-2.1-or-later
// Stream management inside of a login by SASL2 (XEP-0198 §9, XEP-0388 §2.3, XEP-0386 §3): a session manager that knows
// nothing of it is asked without, and answers without.
#pragma once

#include "stream/management.h"
#include "xml/document.h"
#include "xml/stanza.h"

#include <jabberd/packet.h>

#include <optional>
#include <string>
#include <string_view>

namespace jabberd::session {

// Features of a stream before login: where there is SASL2 a client may resume its session by it, and where it binds a
// resource by it, may enable stream management.
void offer_inline_management(std::string &features);

// What a client has asked for so, as XML.
class InlineManagement {
public:
    explicit InlineManagement(std::string_view wishes);

    // Borrowed from this. Nothing: it is not wished.
    std::optional<stream::ManagementElement> resume() const { return wish("resume"); }
    std::optional<stream::ManagementElement> enable() const { return wish("enable"); }

private:
    std::optional<stream::ManagementElement> wish(const char *name) const;

    xml::DocumentPtr document_;
};

// Takes such wishes out of an <authenticate/>.
class WithoutManagement {
public:
    explicit WithoutManagement(const xml::Stanza &stanza);
    WithoutManagement(const WithoutManagement &) = delete;
    WithoutManagement &operator=(const WithoutManagement &) = delete;

    const xml::Stanza &stanza() const { return stanza_; } // borrows the rest of the stanza
    const std::string &wishes() const { return wishes_; } // "": it has none

private:
    xml::Stanza stanza_;
    std::string body_, wishes_;
};

// The session manager's <success/>, as the client gets it. `failed`: "" or <failed/>, for there is no session to
// resume. `enabled`: what is told behind the resource that was bound, or "".
std::string success_of_login(const jabberd_packet &success, std::string_view failed, std::string_view enabled);

// The same, when the session of that id was resumed in its place: the words for that are `resumed`.
std::string success_of_resumption(const jabberd_packet &success, std::string_view session_id, std::string_view resumed);

} // namespace jabberd::session
