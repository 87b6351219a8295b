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
constexpr unsigned hashing_threads = 2; // so that logins leave processor time for everything else

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

Core::Core(const jabberd_host &host_, const Options &options)
    : host(host_)
    , settings(options)
    , storage(options.database, log, [this] { job_done(); })
    , hashing("sm-hashing", [this] { job_done(); })
    , hosts_(prepared_hosts(host_))
{
}

Core::~Core()
{
    // Logins go from storage to hashing and back. A login that finds the other side finished is not run; its client
    // learns of it when the connection ends.
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

void Core::send(LockedDirectory &locked, const jabberd_packet &packet)
{
    if (!present(packet.to))
        return;
    if (Session *session = locked.session(text(packet.to)))
        return locked.give(*session, packet);
    const auto to = prepare_jid(text(packet.to));
    if (!to || is_local(to->host))
        return;
    locked.post(packet);
}

void Core::send(const jabberd_packet &packet)
{
    LockedDirectory locked{directory};
    send(locked, packet);
}

void Core::refuse(LockedDirectory &locked, const jabberd_packet &packet, Condition condition)
{
    if (!may_be_refused(packet))
        return;
    const ErrorReply reply{packet, condition};
    send(locked, reply.packet());
}

void Core::pass(LockedDirectory &locked, std::string_view address, const jabberd_packet &packet, Receive receive)
{
    User *user = locked.user(address);
    if (user != nullptr && !user->busy)
        return receive(*this, locked, *user, packet);
    locked.with_user(address, [this, receive, owned = OwnedPacket{packet}](LockedDirectory &later, User &loaded) {
        receive(*this, later, loaded, owned.packet());
    });
}

void Core::save(const User &user, const RosterItem &item)
{
    storage.post([address = user.address, item](Storage &s) { s.rosters.save(address, item); });
}

jabberd_result Core::done_or_congested()
{
    if (outlet.full())
        return JABBERD_CONGESTED;
    if (pending() <= most_pending)
        return JABBERD_DONE;
    congested_ = true;
    return JABBERD_CONGESTED;
}

void Core::job_done()
{
    if (congested_ && pending() < few_pending && congested_.exchange(false))
        host.ready(&host);
}

} // namespace jabberd::session_manager
