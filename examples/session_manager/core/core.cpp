// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/core/core.h"

#include "base/address.h"
#include "base/view.h"
#include "session_manager/base/jid.h"

#include <algorithm>

namespace jabberd::session_manager {

namespace {

constexpr std::size_t most_pending = 4096; // jobs and waiting operations; about a second of a slow disk
constexpr std::size_t few_pending = most_pending / 2;
constexpr unsigned hashing_threads = 2; // logins must not take the processor away from everybody else

std::vector<std::string> prepared_hosts(const jabberd_host &host)
{
    std::vector<std::string> hosts;
    for (std::size_t i = 0; i < host.name_count; ++i) {
        if (const auto prepared = prepare_host(host.names[i]))
            hosts.push_back(*prepared);
    }
    return hosts;
}

} // namespace

Core::Core(const jabberd_host &host_, Options options)
    : host(host_)
    , settings(options)
    , storage(options.database, log, [this] { ease(); })
    , hashing("sm-hashing", [this] { ease(); })
    , hosts_(prepared_hosts(host_))
{
}

Core::~Core()
{
    // Logins go from storage to hashing and back; one that finds the other finished is not run, and its client learns
    // it from his connection's end.
    hashing.finish();
    storage.finish();
}

void Core::start()
{
    storage.start();
    hashing.start(hashing_threads);
}

bool Core::is_local(std::string_view prepared_host) const
{
    return std::find(hosts_.begin(), hosts_.end(), prepared_host) != hosts_.end();
}

void Core::send(Turn &turn, const jabberd_packet &packet)
{
    if (!present(packet.to))
        return;
    if (Session *session = turn.session(text(packet.to)))
        return turn.give(*session, packet);
    const auto to = prepare_jid(text(packet.to));
    if (!to || is_local(to->host))
        return;
    turn.post(packet);
}

void Core::send(const jabberd_packet &packet)
{
    Turn turn{directory};
    send(turn, packet);
}

void Core::refuse(Turn &turn, const jabberd_packet &packet, Condition condition)
{
    if (!may_be_refused(packet))
        return;
    const Refusal refusal{packet, condition};
    send(turn, refusal.packet());
}

void Core::pass(Turn &turn, std::string_view address, const jabberd_packet &packet, Receive receive)
{
    User *user = turn.user(address);
    if (user != nullptr && !user->busy)
        return receive(*this, turn, *user, packet);
    turn.with_user(address, [this, receive, owned = OwnedPacket{packet}](Turn &later, User &loaded) {
        receive(*this, later, loaded, owned.packet());
    });
}

void Core::save(const User &user, const RosterItem &item)
{
    storage.post([address = user.address, item](Storage &s) { s.rosters.save(address, item); });
}

jabberd_result Core::taken()
{
    if (outlet.full())
        return JABBERD_CONGESTED;
    if (pending() <= most_pending)
        return JABBERD_DONE;
    congested_ = true;
    return JABBERD_CONGESTED;
}

void Core::ease()
{
    if (congested_ && pending() < few_pending && congested_.exchange(false))
        host.ready(&host);
}

} // namespace jabberd::session_manager
