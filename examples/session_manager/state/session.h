// SPDX-License-Identifier: LGPL-2.1-or-later
// A session: one accepted login, and the connection it speaks through.
#pragma once

#include "base/owned_packet.h"
#include "session_manager/base/move_only_function.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace jabberd::session_manager {

struct User;

// A packet on its way to a connection. What is large is made only when it leaves, without the lock.
struct Outgoing {
    using Body = MoveOnlyFunction<void(std::string &body)>;

    OwnedPacket packet;
    std::optional<Body> body = std::nullopt; // none: it is in the packet
};

// The constants may be read without the lock as long as a pointer to the session is held; all else is guarded by the
// lock of the directory.
struct Session : std::enable_shared_from_this<Session> {
    Session(User &owner, std::string address_, const std::string &resource, std::string connection_)
        : id(address_ + '/' + resource), address(std::move(address_)), connection(std::move(connection_)), user(&owner)
    {
    }

    const std::string id;         // user@host/resource: the sto of the client's packets
    const std::string address;    // user@host: the sfrom of stanzas to the client
    const std::string connection; // the sfrom of the client's packets

    User *user; // null once the session has ended

    OwnedPacket presence; // the last available one, stamped; none: not available
    int priority = 0;
    std::uint64_t last_active = 0;  // a counter, not a time
    bool interested = false;        // asked for the roster: gets pushes (RFC 6121 §2.2)
    bool roster_versions = false;   // knows them: they are on the pushes, too (RFC 6121 §2.6)
    bool carbons = false;           // gets copies of what other sessions receive and send (XEP-0280)
    bool follows_blocklist = false; // asked for the blocklist: gets pushes (XEP-0191 §3.3)
    std::set<std::string> directed; // addresses that were sent directed presence, and are told of the end

    // What is on its way to the connection (state/locked_directory.h).
    std::vector<Outgoing> outgoing; // nothing while nothing is on its way
    bool delivering = false;

    bool available() const { return static_cast<bool>(presence); }
    bool takes_messages() const { return available() && priority >= 0; }
};

} // namespace jabberd::session_manager
