// SPDX-License-Identifier: LGPL-2.1-or-later
#include "classic/route_sessions.h"

#include "base/address.h"
#include "base/view.h"

#include <utility>

namespace jabberd::classic {

std::optional<RouteSessions::Session> RouteSessions::of(std::string_view connection) const
{
    const std::lock_guard lock{mutex_};
    const auto found = entries_.find(connection);
    return found == entries_.end() ? std::nullopt : found->second.session;
}

void RouteSessions::ask_login(const std::string &connection, std::string_view nonce, const std::string &wanted)
{
    const std::lock_guard lock{mutex_};
    entries_[connection] = Entry{std::string{nonce}, wanted, {}, {}};
}

std::optional<std::string> RouteSessions::login_answered(const std::string &connection, std::string_view nonce,
                                                         bool accepted, OwnedPacket &answer)
{
    const std::lock_guard lock{mutex_};
    const auto found = entries_.find(connection);
    if (found == entries_.end() || found->second.nonce.empty() || found->second.nonce != nonce)
        return std::nullopt;
    if (!accepted) {
        std::string wanted = std::move(found->second.wanted);
        entries_.erase(found);
        return wanted;
    }
    found->second.nonce.clear();
    found->second.result = std::move(answer);
    return found->second.wanted;
}

// The session manager may write the user's name as it keeps it, folded and normalised: what it says is the name.
std::optional<RouteSessions::Begun> RouteSessions::begin(const std::string &connection, const std::string &address)
{
    const Address at = split_address(address);
    const std::lock_guard lock{mutex_};
    const auto found = entries_.find(connection);
    if (found == entries_.end() || !found->second.result || at.user.empty() || at.resource.empty())
        return std::nullopt;
    Entry &entry = found->second;
    const Address wanted = split_address(entry.wanted);
    if (!same_host(wanted.host, at.host))
        return std::nullopt;
    std::string id = std::string{bare_address(address)} + '/' + std::string{wanted.resource};
    entry.session = Session{address, id};
    return Begun{std::exchange(entry.result, {}), std::move(id)};
}

OwnedPacket RouteSessions::fail_login(const std::string &connection)
{
    const std::lock_guard lock{mutex_};
    const auto found = entries_.find(connection);
    if (found == entries_.end() || found->second.session)
        return {};
    OwnedPacket result = std::move(found->second.result);
    entries_.erase(found);
    return result;
}

void RouteSessions::forget(std::string_view connection)
{
    const std::lock_guard lock{mutex_};
    if (const auto found = entries_.find(connection); found != entries_.end())
        entries_.erase(found);
}

} // namespace jabberd::classic
