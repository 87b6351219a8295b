// SPDX-License-Identifier: LGPL-2.1-or-later
// A stanza of a client that has another name for the session manager's host.
#pragma once

#include "xml/stanza.h"

#include <string>
#include <string_view>

namespace jabberd::session {

// The stanza with the host's own name where `to` and `from` have the alias, whatever the case of its letters. User and
// resource stay, and so does whatever its children say. Borrows the rest of the stanza.
class Renamed {
public:
    Renamed(const xml::Stanza &stanza, std::string_view alias, std::string_view host);
    Renamed(const Renamed &) = delete;
    Renamed &operator=(const Renamed &) = delete;

    const xml::Stanza &stanza() const { return stanza_; }

private:
    xml::Stanza stanza_;
    std::string to_, from_;
};

} // namespace jabberd::session
