// SPDX-License-Identifier: LGPL-2.1-or-later
#include "workers/acceptor.h"

#include <sys/epoll.h>
#include <sys/resource.h>

#include <algorithm>
#include <climits>
#include <utility>

namespace jabberd::workers {

namespace {

constexpr int clients_per_turn = 64; // so that a flood of new ones does not starve the established
constexpr Duration pause_for = std::chrono::milliseconds{50}; // nobody notices, and it costs nothing
constexpr Duration log_pauses_every = std::chrono::seconds{10};

// Descriptors that clients may never take: for 32 clients of the control socket, and for what a reload or a swap opens
// and a session manager's database needs in the middle of it (a component's file, certificates, a journal), at any
// moment and without asking for them first. What a successor opens for each of its threads (an epoll, an eventfd) is
// there twice during a swap. Where there are few, three quarters are the clients'.
constexpr rlim_t for_others = 64;
constexpr rlim_t for_each_thread = 4;

} // namespace

Acceptor::Acceptor(const config::Listen &listen, Entrance &entrance, ProxiedClients &proxied)
    : listener_(listen.address, entrance.first().options().first_descriptor)
    , listen_(listen)
    , entrance_(entrance)
    , proxied_(proxied)
{
}

Acceptor::Acceptor(const config::Listen &listen, UniqueFd listening, Entrance &entrance, ProxiedClients &proxied)
    : listener_(std::move(listening)), listen_(listen), entrance_(entrance), proxied_(proxied)
{
}

handover::ListenerState Acceptor::freeze() const
{
    return {listener_.fd(), listen_.address.to_string(), listen_.direct_tls, listen_.proxied};
}

void Acceptor::start()
{
    watch_ = loop().watch(listener_.fd(), EPOLLIN, *this);
}

void Acceptor::stop()
{
    cancel();
    loop().unwatch(watch_, listener_.fd());
}

int Acceptor::end_of_clients() const
{
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur > INT_MAX)
        return INT_MAX;
    const rlim_t reserve = for_others + for_each_thread * entrance_.worker_count();
    return static_cast<int>(limit.rlim_cur - std::min(reserve, limit.rlim_cur / 4));
}

void Acceptor::on_ready(std::uint32_t)
{
    const int end = end_of_clients();
    const int first_descriptor = entrance_.first().options().first_descriptor;
    const std::uint32_t max = entrance_.first().options().limits.connections;
    for (int i = 0; i < clients_per_turn; ++i) {
        if (max != 0 && shared().connections >= max)
            return pause("as many are connected as <connections/> allows, " + std::to_string(max));
        auto accepted = listener_.accept(first_descriptor, end);
        if (auto *client = std::get_if<net::Accepted>(&accepted)) {
            is_paused_ = false;
            take(std::move(*client));
            continue;
        }
        switch (std::get<net::AcceptProblem>(accepted)) {
        case net::AcceptProblem::Nobody: is_paused_ = false; return;
        case net::AcceptProblem::Aborted: continue;
        case net::AcceptProblem::OutOfResources: return pause("out of file descriptors or memory");
        case net::AcceptProblem::OutOfClientsShare:
            return pause("the file descriptors that are left, from " + std::to_string(end) +
                         " on, are for other things; raise RLIMIT_NOFILE (ulimit -n)");
        case net::AcceptProblem::OutOfHighDescriptors:
            return pause("out of file descriptors from " + std::to_string(first_descriptor) +
                         " on, where this server needs them; raise RLIMIT_NOFILE (ulimit -n)");
        }
    }
}

// The clients wait in the kernel's backlog; asking again and again would only burn the processor.
void Acceptor::pause(std::string_view reason)
{
    loop().change(watch_, listener_.fd(), 0);
    loop().timers().set(*this, loop().now() + pause_for);
    if (!std::exchange(is_paused_, true))
        entrance_.first().counters().accept_pauses.add(1);
    if (loop().now() < next_log_)
        return;
    next_log_ = loop().now() + log_pauses_every;
    shared().host.log(JABBERD_LOG_WARNING, "not accepting clients for now: " + std::string{reason},
                      {{"LISTEN", listener_.address().to_string()}});
}

void Acceptor::on_timer()
{
    loop().change(watch_, listener_.fd(), EPOLLIN);
}

void Acceptor::take(net::Accepted client)
{
    client.direct_tls = listen_.direct_tls;
    if (listen_.proxied)
        proxied_.take(std::move(client));
    else
        entrance_.admit(std::move(client));
}

} // namespace jabberd::workers
