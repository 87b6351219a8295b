// SPDX-License-Identifier: LGPL-2.1-or-later
// Which connection has which session, where the session manager has addresses of its own for them.
#pragma once

#include "base/address.h"
#include "base/owned_packet.h"

#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace jabberd::dialect {

// By the address of the connection. Each call is one step; between two of them everything may change.
//
// A connection that goes during its login does not say so, and its login may never be answered. But one comes after it
// with the same place (7@c2s) and another token: each place has one entry, so there are never more than there have been
// connections at a time.
class RouteSessions {
public:
    struct Session {
        std::string address; // at the session manager: alice@foo.com/CFBE02B0
        std::string id;      // for the socket manager, and the client: alice@foo.com/home
    };
    std::optional<Session> of(std::string_view connection) const;

    // What a session, by its address, is to a connection. Unknown: the connection has none, and has not asked for one.
    enum class Relation { Unknown, Its, OtherSession };
    Relation relation(std::string_view connection, std::string_view address) const;

    // A login leaves under `nonce`; it is for the address `wanted`. One that was left open is forgotten. A session that
    // is still known at this place has no connection any more, and its session manager does not know: it is returned.
    struct Left {
        std::string connection, address;
    };
    std::optional<Left> ask_login(const std::string &connection, std::string_view nonce, const std::string &wanted);

    // Whether that login has had the answer that accepts it.
    bool accepted(std::string_view connection, std::string_view nonce) const;

    // An answer has come. Whom the login was for, when it is that to the outstanding one; where it accepts that, it is
    // kept until there is a session.
    std::optional<std::string> login_answered(std::string_view connection, std::string_view nonce, bool accepted,
                                              OwnedPacket &answer);

    // The session is there. Nothing: this connection asked for none, or for another one.
    struct Begun {
        OwnedPacket result; // of the login
        std::string id;
    };
    std::optional<Begun> begin(std::string_view connection, const std::string &address);

    // `host` has no session for the accepted login: the result that waits for one, if it was asked.
    OwnedPacket fail_login(std::string_view connection, std::string_view host);

    // The session has ended, by its address, id, or the bare address of that. Nothing: the connection has no such
    // session (any more).
    std::optional<Session> end(std::string_view connection, std::string_view address_or_id);

    // Whether a connection has a session of this id: after end(), the newer login that has the name.
    bool in_use(std::string_view id) const;

    // The address of a session that has ended so: what was on its way to the client is still to be returned.
    std::optional<std::string> ended(std::string_view connection, std::string_view address_or_id) const;

    std::size_t size() const;

    // As values, for who goes on with these sessions.
    struct Known {
        std::string connection, nonce, wanted;
        bool accepted = false;
        OwnedPacket result;
        std::optional<Session> session;
        bool ended = false; // the session has: what comes late is still to be returned
    };
    std::vector<Known> all() const;
    void restore(std::vector<Known> all);

private:
    struct Entry {
        std::string connection;
        std::string nonce, wanted; // of the login
        bool accepted = false;
        OwnedPacket result; // then, until there is a session
        std::optional<Session> session;
    };
    struct Ended {
        std::string connection;
        Session session;
    };
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view s) const { return std::hash<std::string_view>{}(s); }
    };
    using Entries = std::unordered_map<std::string, Entry, Hash, std::equal_to<>>;

    void forget_id(const std::string &id); // with mutex_ held

    static bool is(const Session &session, std::string_view address_or_id)
    {
        return session.address == address_or_id || session.id == address_or_id ||
               bare_address(session.id) == address_or_id;
    }

    // end() when there is nothing about this connection. With mutex_ held.
    Entries::const_iterator find(std::string_view connection) const;
    Entries::iterator find(std::string_view connection);

    mutable std::mutex mutex_;
    Entries entries_;                                                      // by place
    std::unordered_map<std::string, Ended, Hash, std::equal_to<>> ended_;  // by place: the last one there
    std::unordered_map<std::string, unsigned, Hash, std::equal_to<>> ids_; // of all sessions, and how many have each
};

} // namespace jabberd::dialect
