// SPDX-License-Identifier: LGPL-2.1-or-later
// Which connection has which session, where the session manager has addresses of its own for them.
#pragma once

#include "base/owned_packet.h"

#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace jabberd::classic {

// By the address of the connection. Each call is one step; between two of them everything may change.
class RouteSessions {
public:
    struct Session {
        std::string address; // at the session manager: alice@foo.com/CFBE02B0
        std::string id;      // for the socket manager, and the client: alice@foo.com/home
    };
    std::optional<Session> of(std::string_view connection) const;

    // A login leaves under `nonce`; it is for the address `wanted`. One that was left open is forgotten.
    void ask_login(const std::string &connection, std::string_view nonce, const std::string &wanted);

    // An answer has come. Whom the login was for, when it is that to the outstanding one; where it accepts that, it is
    // kept until there is a session.
    std::optional<std::string> login_answered(const std::string &connection, std::string_view nonce, bool accepted,
                                              OwnedPacket &answer);

    // The session is there. Nothing: nobody asked for one, or it is somebody else's.
    struct Begun {
        OwnedPacket result; // of the login
        std::string id;
    };
    std::optional<Begun> begin(const std::string &connection, const std::string &address);

    // There will be no session: the result that waits for it, if one does.
    OwnedPacket fail_login(const std::string &connection);

    void forget(std::string_view connection);

private:
    struct Entry {
        std::string nonce, wanted; // of an outstanding login
        OwnedPacket result;        // of an accepted one, until there is a session
        std::optional<Session> session;
    };
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view s) const { return std::hash<std::string_view>{}(s); }
    };

    mutable std::mutex mutex_;
    std::unordered_map<std::string, Entry, Hash, std::equal_to<>> entries_;
};

} // namespace jabberd::classic
