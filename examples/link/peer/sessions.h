// SPDX-License-Identifier: LGPL-2.1-or-later
// The sessions whose two sides are on two sides of a link, by the address of the connection
// (include/jabberd/session.h).
#pragma once

#include "base/clock.h"

#include <jabberd/packet.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>

namespace jabberd::link {

// Where the socket of a session's client is.
enum class Side : std::uint8_t { Here, There };

struct Session {
    std::string other; // the longest name of the other side that was seen: F, U or S of session.h
    Side socket = Side::Here;
    Duration last{}; // packet
};

class Sessions {
public:
    // A packet passes, `from` this side. What has no sto and sfrom is of no session.
    void note(const jabberd_packet &packet, Side from, Duration now);

    bool has(std::string_view address) const; // of a connection
    std::size_t size() const { return sessions_.size(); }

    // Forgets logins in which no packet has come for so long: no notice would ever say that they have ended.
    void expire(Duration now, Duration patience);

    // visit(connection, session)
    template <typename Visit>
    void for_each(const Visit &visit) const
    {
        for (const auto &[connection, session] : sessions_)
            visit(std::string_view{connection}, session);
    }

    void restore(std::string connection, Session session)
    {
        sessions_.insert_or_assign(std::move(connection), std::move(session));
    }

private:
    struct Hash : std::hash<std::string_view> {
        using is_transparent = void;
    };
    using Map = std::unordered_map<std::string, Session, Hash, std::equal_to<>>;

    Map sessions_;
};

// Whether the address is a user's who has logged in: a session manager knows no others.
bool is_logged_in(const Session &session);

} // namespace jabberd::link
