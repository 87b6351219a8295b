// SPDX-License-Identifier: LGPL-2.1-or-later
#include "link/peer/sessions.h"

#include "base/address.h"
#include "base/connection_address.h"
#include "base/view.h"
#include "packet/notice.h"

#include <utility>

namespace jabberd::link {

namespace {

// F, U and S of session.h, in the order in which a login gets them.
enum class Rank { Host, User, Full };

Rank rank_of(std::string_view address)
{
    const Address parts = split_address(address);
    if (parts.user.empty())
        return Rank::Host;
    return parts.resource.empty() ? Rank::User : Rank::Full;
}

bool is_bare_notice(const jabberd_packet &packet)
{
    return packet::is_disconnected(packet) && !packet::hidden_packet(packet);
}

// Of a pair that is new: the sender is the connection, unless the other one has the form of its address alone.
bool sender_is_connection(std::string_view sto, std::string_view sfrom)
{
    return parse_connection_address(sfrom) || !parse_connection_address(sto);
}

} // namespace

void Sessions::note(const jabberd_packet &packet, Side from, Duration now)
{
    if (!present(packet.sto) || !present(packet.sfrom))
        return;
    const std::string_view sto = text(packet.sto), sfrom = text(packet.sfrom);
    const auto known_sender = sessions_.find(sfrom);
    const auto known = known_sender != sessions_.end() ? known_sender : sessions_.find(sto);
    const bool is_from_connection = known == sessions_.end() ? sender_is_connection(sto, sfrom) : known == known_sender;
    const std::string_view connection = is_from_connection ? sfrom : sto, other = is_from_connection ? sto : sfrom;
    if (is_bare_notice(packet)) {
        // What a session manager passes on from another user may hold a 510 as well: only the session itself ends.
        if (known != sessions_.end() &&
            (is_from_connection || other == known->second.other || rank_of(other) == Rank::Host))
            sessions_.erase(known);
        return;
    }
    if (known == sessions_.end()) {
        const bool socket_is_here = is_from_connection == (from == Side::Here);
        sessions_.emplace(connection, Session{std::string{other}, socket_is_here ? Side::Here : Side::There, now});
        return;
    }
    Session &session = known->second;
    session.last = now;
    if (session.other == other)
        return;
    const Rank before = rank_of(session.other);
    if (before != Rank::Full && rank_of(other) >= before)
        session.other = other;
}

bool Sessions::has(std::string_view address) const
{
    return sessions_.contains(address);
}

void Sessions::expire(Duration now, Duration patience)
{
    std::erase_if(sessions_, [&](const auto &entry) {
        return !is_logged_in(entry.second) && now - entry.second.last >= patience;
    });
}

bool is_logged_in(const Session &session)
{
    return rank_of(session.other) != Rank::Host;
}

} // namespace jabberd::link
