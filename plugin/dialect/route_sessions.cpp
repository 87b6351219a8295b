// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dialect/route_sessions.h"

#include "base/address.h"
#include "base/view.h"

#include <utility>

namespace jabberd::dialect {

namespace {

// 7@c2s, of 7@c2s/1F
std::string_view place_of(std::string_view connection)
{
    return bare_address(connection);
}

} // namespace

RouteSessions::Entries::const_iterator RouteSessions::find(std::string_view connection) const
{
    const auto found = entries_.find(place_of(connection));
    return found == entries_.end() || found->second.connection == connection ? found : entries_.end();
}

RouteSessions::Entries::iterator RouteSessions::find(std::string_view connection)
{
    const auto found = entries_.find(place_of(connection));
    return found == entries_.end() || found->second.connection == connection ? found : entries_.end();
}

std::optional<RouteSessions::Session> RouteSessions::of(std::string_view connection) const
{
    const std::lock_guard lock{mutex_};
    const auto found = find(connection);
    return found == entries_.end() ? std::nullopt : found->second.session;
}

RouteSessions::Relation RouteSessions::relation(std::string_view connection, std::string_view address) const
{
    const std::lock_guard lock{mutex_};
    const auto found = find(connection);
    if (found == entries_.end())
        return Relation::Unknown;
    const auto &session = found->second.session;
    return session && session->address == address ? Relation::Its : Relation::OtherSession;
}

std::optional<RouteSessions::Left> RouteSessions::ask_login(const std::string &connection, std::string_view nonce,
                                                            const std::string &wanted)
{
    const std::lock_guard lock{mutex_};
    Entry &entry = entries_[std::string{place_of(connection)}];
    std::optional<Left> left;
    if (entry.session) {
        forget_id(entry.session->id);
        left = Left{std::move(entry.connection), std::move(entry.session->address)};
    }
    entry = Entry{connection, std::string{nonce}, wanted, false, {}, {}};
    return left;
}

bool RouteSessions::accepted(std::string_view connection, std::string_view nonce) const
{
    const std::lock_guard lock{mutex_};
    const auto found = find(connection);
    return found != entries_.end() && found->second.accepted && found->second.nonce == nonce;
}

std::optional<std::string> RouteSessions::login_answered(std::string_view connection, std::string_view nonce,
                                                         bool accepted, OwnedPacket &answer)
{
    const std::lock_guard lock{mutex_};
    const auto found = find(connection);
    if (found == entries_.end() || found->second.nonce != nonce || found->second.accepted)
        return std::nullopt;
    if (!accepted) {
        std::string wanted = std::move(found->second.wanted);
        entries_.erase(found);
        return wanted;
    }
    found->second.accepted = true;
    found->second.result = std::move(answer);
    return found->second.wanted;
}

// The session manager may write the user's name as it keeps it, folded and normalised: what it says is the name.
std::optional<RouteSessions::Begun> RouteSessions::begin(std::string_view connection, const std::string &address)
{
    const Address at = split_address(address);
    const std::lock_guard lock{mutex_};
    const auto found = find(connection);
    if (found == entries_.end() || !found->second.result || at.user.empty() || at.resource.empty())
        return std::nullopt;
    Entry &entry = found->second;
    const Address wanted = split_address(entry.wanted);
    if (!same_host(wanted.host, at.host))
        return std::nullopt;
    std::string id = std::string{bare_address(address)} + '/' + std::string{wanted.resource};
    entry.session = Session{address, id};
    ++ids_[id];
    return Begun{std::exchange(entry.result, {}), std::move(id)};
}

OwnedPacket RouteSessions::fail_login(std::string_view connection, std::string_view host)
{
    const std::lock_guard lock{mutex_};
    const auto found = find(connection);
    if (found == entries_.end() || !found->second.result || !same_host(split_address(found->second.wanted).host, host))
        return {};
    OwnedPacket result = std::move(found->second.result);
    entries_.erase(found);
    return result;
}

std::optional<RouteSessions::Session> RouteSessions::end(std::string_view connection, std::string_view address_or_id)
{
    const std::lock_guard lock{mutex_};
    const auto found = find(connection);
    if (found == entries_.end())
        return std::nullopt;
    std::optional<Session> session = found->second.session;
    if (!session || !is(*session, address_or_id))
        return std::nullopt;
    entries_.erase(found);
    forget_id(session->id);
    ended_.insert_or_assign(std::string{place_of(connection)}, Ended{std::string{connection}, *session});
    return session;
}

bool RouteSessions::in_use(std::string_view id) const
{
    const std::lock_guard lock{mutex_};
    return ids_.contains(id);
}

void RouteSessions::forget_id(const std::string &id)
{
    const auto found = ids_.find(id);
    if (found != ids_.end() && --found->second == 0)
        ids_.erase(found);
}

std::optional<std::string> RouteSessions::ended(std::string_view connection, std::string_view address_or_id) const
{
    const std::lock_guard lock{mutex_};
    const auto found = ended_.find(place_of(connection));
    if (found == ended_.end() || found->second.connection != connection || !is(found->second.session, address_or_id))
        return std::nullopt;
    return found->second.session.address;
}

std::size_t RouteSessions::size() const
{
    const std::lock_guard lock{mutex_};
    return entries_.size();
}

std::vector<RouteSessions::Known> RouteSessions::all() const
{
    const std::lock_guard lock{mutex_};
    std::vector<Known> all;
    for (const auto &[place, entry] : entries_) {
        OwnedPacket result = entry.result ? OwnedPacket{entry.result.packet()} : OwnedPacket{};
        all.push_back({entry.connection, entry.nonce, entry.wanted, entry.accepted, std::move(result), entry.session});
    }
    for (const auto &[place, ended] : ended_)
        all.push_back({ended.connection, {}, {}, false, {}, ended.session, true});
    return all;
}

void RouteSessions::restore(std::vector<Known> all)
{
    const std::lock_guard lock{mutex_};
    for (Known &known : all) {
        const std::string place{place_of(known.connection)};
        if (known.ended && known.session) {
            ended_.insert_or_assign(place, Ended{std::move(known.connection), std::move(*known.session)});
            continue;
        }
        if (known.session)
            ++ids_[known.session->id];
        entries_.insert_or_assign(place,
                                  Entry{std::move(known.connection), std::move(known.nonce), std::move(known.wanted),
                                        known.accepted, std::move(known.result), std::move(known.session)});
    }
}

} // namespace jabberd::dialect
