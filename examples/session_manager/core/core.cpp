// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/core/core.h"

#include "base/address.h"
#include "base/view.h"
#include "session_manager/base/jid.h"
#include "session_manager/roster/subscription.h"

#include <algorithm>

namespace jabberd::session_manager {

namespace {

constexpr unsigned hashing_threads = 2; // so that logins leave processor time for everything else

} // namespace

std::vector<std::string> prepared_hosts(const jabberd_host &host)
{
    std::vector<std::string> hosts;
    for (std::size_t i = 0; i < host.name_count; ++i) {
        if (const auto prepared = prepare_host(host.names[i]))
            hosts.push_back(*prepared);
    }
    return hosts;
}

bool serves_any_host(const jabberd_host &host)
{
    return std::any_of(host.names, host.names + host.name_count, [](const char *name) { return *name == '\0'; });
}

Condition condition_of(StorageFailure failure)
{
    return failure == StorageFailure::Broken ? Condition::InternalServerError : Condition::ResourceConstraint;
}

Core::Core(const jabberd_host &host_, const Options &options)
    : host(host_)
    , settings(options)
    , work(options.work)
    , storage(options.database, log, [this] { job_done(); })
    , hashing(
          "sm-hashing", [this] { job_done(); }, [this](const std::exception &problem) { failed(problem); })
    , hosts_(prepared_hosts(host_))
{
    directory.roster_quota().most = options.rosters_bytes;
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

void Core::replace(const Options &options)
{
    settings.replace(options);
    work.set(options.work);
    directory.roster_quota().most = options.rosters_bytes;
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

void Core::pass(LockedDirectory &locked, std::string_view address, const jabberd_packet &packet, Receive receive,
                Admission admission)
{
    User *user = locked.user(address);
    if (user != nullptr && !user->busy && !user->changes)
        return receive(*this, locked, *user, packet);
    const Causer causer = causer_of(text(packet.from));
    OwnedPacket owned{packet};
    Work share =
        admission == Admission::Owed ? work.hold(causer, owned.bytes()) : take_work(locked, causer, owned.bytes());
    if (!share)
        return refuse(locked, packet, Condition::ResourceConstraint);
    const Turn turn = share.turn();
    locked.with_user(address, turn,
                     [this, receive, kept = std::move(owned), held = std::move(share)](LockedDirectory &later,
                                                                                       User &loaded) mutable {
                         receive_in_order(later, loaded, std::move(kept), std::move(held), receive);
                     });
}

// Behind what its sender has begun to change in the user's roster.
void Core::receive_in_order(LockedDirectory &locked, User &user, OwnedPacket packet, Work share, Receive receive)
{
    const Jid from = user.changes ? prepare_jid(text(packet.packet().from)).value_or(Jid{}) : Jid{};
    const bool is_subscription =
        text(packet.packet().name) == "presence" && subscription_of(text(packet.packet().type));
    if (!user.changes || is_subscription || !user.is_changing(from.bare()))
        return receive(*this, locked, user, packet.packet());
    locked.change(
        user, from.bare(),
        [this, receive, kept = std::move(packet), held = std::move(share)](LockedDirectory &later, User &same) mutable {
            if (!same.busy)
                return receive(*this, later, same, kept.packet());
            const Turn turn = held.turn();
            later.with_user(same.address, turn,
                            [this, receive, last = std::move(kept), still = std::move(held)](LockedDirectory &at_last,
                                                                                             User &rested) {
                                receive(*this, at_last, rested, last.packet());
                            });
        });
}

Causer Core::causer_before_login(std::string_view connection) const
{
    const std::string address = addresses.find(connection, clock.now()).value_or("");
    return {Causer::Kind::Address, network_of(address), std::string{connection}};
}

Causer Core::causer_of(std::string_view from) const
{
    const Address parts = split_address(from);
    if (std::string host_name = prepare_host(parts.host).value_or(""); !is_local(host_name))
        return {Causer::Kind::Host, std::move(host_name), std::string{bare_address(from)}};
    return {Causer::Kind::Account, std::string{bare_address(from)}, std::string{from}};
}

Work Core::take_work(const Causer &causer, std::size_t bytes)
{
    Work share = work.take(causer, bytes);
    if (!share)
        refusal(causer)();
    return share;
}

Work Core::take_work(LockedDirectory &locked, const Causer &causer, std::size_t bytes)
{
    Work share = work.take(causer, bytes);
    if (!share)
        locked.afterwards(refusal(causer));
    return share;
}

Work Core::take_login(std::string_view connection)
{
    const Causer causer = causer_before_login(connection);
    Work place = logins.take(causer, 0);
    if (!place)
        refusal(causer)();
    return place;
}

void Core::failed(const std::exception &problem)
{
    if (const auto times = failures_.due())
        log.error("the session manager failed", {{"REASON", problem.what()}, {"TIMES", std::to_string(*times)}});
}

MoveOnlyFunction<void()> Core::refusal(const Causer &causer)
{
    return [this, causer] {
        const auto times = refusals_[static_cast<std::size_t>(causer.kind)].due();
        if (!times)
            return;
        log.notice("a request is refused, because enough of what the same one has asked for is waiting",
                   {{"KIND", name_of(causer.kind)},
                    {"WHO", causer.group},
                    {"OF", causer.one},
                    {"TIMES", std::to_string(*times)}});
    };
}

jabberd_result Core::done_or_congested()
{
    if (outlet.full())
        return JABBERD_CONGESTED;
    if (!work.are_exceeded())
        return JABBERD_DONE;
    congested_ = true;
    return JABBERD_CONGESTED;
}

void Core::job_done()
{
    if (congested_ && work.are_low() && congested_.exchange(false))
        host.ready(&host);
}

} // namespace jabberd::session_manager
