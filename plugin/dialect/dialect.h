// SPDX-License-Identifier: LGPL-2.1-or-later
// Between the session packets of our ABI (sto, sfrom, 510) and what the session manager of a classic host speaks.
#pragma once

#include "dialect/route_sessions.h"

#include <jabberd/packet.h>

#include <libxml/tree.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace jabberd::dialect {

// What came of a login, or of a question before it that was refused.
struct LoginEnd {
    std::string_view connection;
    std::string_view address; // who it was for: alice@foo.com/home, as far as it was said
    bool accepted;
    std::string_view error; // its code
};

// Where a dialect sends what it makes of a packet. [any-thread]
class Outlet {
public:
    virtual void to_host(std::string element) = 0;
    virtual void to_component(const jabberd_packet &packet) = 0;

    // What goes nowhere, for the log: the name of an element, the two it went between, and why.
    virtual void dropped(std::string_view name, std::string_view from, std::string_view to, std::string_view why) = 0;

    // What goes back to a session that the connection does not have, for the log.
    virtual void sent_back(std::string_view name, std::string_view session, std::string_view connection) = 0;

    // Before the component is told.
    virtual void login_ended(const LoginEnd &login) = 0;

protected:
    ~Outlet() = default;
};

// All functions may be called on several threads at once, and hold no lock while they use the outlet: what they send
// may come back before it returns.
class Dialect {
public:
    virtual ~Dialect() = default;

    // A packet of the socket manager, for the host or one of its components.
    virtual void from_component(const jabberd_packet &packet, Outlet &out) = 0;

    // An element of the host, out of a document of parse_body() (xml/document.h).
    virtual void from_host(const xmlNode &element, Outlet &out) = 0;

    // One of ours that the host did not take. It has been logged.
    virtual void not_taken(const xmlNode &element, Outlet &out) = 0;

    // What it knows of logins and sessions, for another one of its kind that goes on in its place.
    virtual std::vector<RouteSessions::Known> known() const { return {}; }
    virtual void restore(std::vector<RouteSessions::Known> &&) {}
};

// jabberd 1.1: the same protocol, so there is nothing to translate.
std::unique_ptr<Dialect> make_session_dialect();

// jabberd 1.2 and later: <route/>. `xmlns` is what the host calls the namespace of stanzas, "" where it has no
// namespaces.
std::unique_ptr<Dialect> make_route_dialect(std::string_view xmlns);

} // namespace jabberd::dialect
