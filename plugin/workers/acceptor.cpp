// SPDX-License-Identifier: LGPL-2.1-or-later
#include "workers/acceptor.h"

#include <sys/epoll.h>

namespace jabberd::workers {

namespace {

constexpr int clients_per_turn = 64; // so that a flood of new ones does not starve the established
constexpr Duration pause_for = std::chrono::milliseconds{500};
constexpr Duration log_every = std::chrono::seconds{10};

} // namespace

Acceptor::Acceptor(const config::Listen &listen, std::vector<std::unique_ptr<Worker>> &workers)
    : listener_(listen.address, workers.front()->options().first_descriptor), listen_(listen), workers_(workers)
{
}

Acceptor::Acceptor(const config::Listen &listen, UniqueFd listening, std::vector<std::unique_ptr<Worker>> &workers)
    : listener_(std::move(listening)), listen_(listen), workers_(workers)
{
}

handover::ListenerState Acceptor::freeze() const
{
    return {listener_.fd(), listen_.address.to_string(), listen_.direct_tls};
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

void Acceptor::on_ready(std::uint32_t)
{
    const int first_descriptor = workers_.front()->options().first_descriptor;
    const std::uint32_t max = workers_.front()->options().limits.connections;
    for (int i = 0; i < clients_per_turn; ++i) {
        if (max != 0 && shared().connections >= max)
            return pause("as many are connected as <connections/> allows, " + std::to_string(max));
        auto accepted = listener_.accept(first_descriptor);
        if (auto *client = std::get_if<net::Accepted>(&accepted)) {
            take(std::move(*client));
            continue;
        }
        switch (std::get<net::AcceptProblem>(accepted)) {
        case net::AcceptProblem::Nobody: return;
        case net::AcceptProblem::Aborted: continue;
        case net::AcceptProblem::OutOfResources: return pause("out of file descriptors or memory");
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
    if (loop().now() < next_log_)
        return;
    next_log_ = loop().now() + log_every;
    shared().host.log(JABBERD_LOG_WARNING, "not accepting clients for now: " + std::string{reason},
                      {{"LISTEN", listener_.address().to_string()}});
}

void Acceptor::on_timer()
{
    loop().change(watch_, listener_.fd(), EPOLLIN);
}

void Acceptor::take(net::Accepted client)
{
    const config::Options &options = workers_.front()->options();
    const config::Limits &limits = options.limits;
    if (!options.access.admits(client.from))
        return refuse(client, "connections from there are not allowed, by <allow/> or <deny/>");
    switch (shared().address_caps.admit(client.from, limits.connections_per_address, limits.attempts, loop().now())) {
    case net::AddressCaps::Verdict::Admitted: break;
    case net::AddressCaps::Verdict::TooMany:
        return refuse(client, "its address has as many connections as <connections-per-address/> allows, " +
                                  std::to_string(limits.connections_per_address));
    case net::AddressCaps::Verdict::TooFast:
        return refuse(client, "its address has connected more often than <attempts-per-second/>, or <rate/>, allows");
    }
    workers_.front()->counters().accepted.add(1);
    ++shared().connections;
    client.direct_tls = listen_.direct_tls;
    workers_[next_worker_]->adopt(std::move(client));
    next_worker_ = (next_worker_ + 1) % workers_.size();
}

void Acceptor::refuse(const net::Accepted &client, std::string_view reason)
{
    workers_.front()->counters().refused.add(1);
    ++refused_since_log_;
    if (loop().now() < next_log_)
        return;
    next_log_ = loop().now() + log_every;
    shared().host.log(JABBERD_LOG_WARNING,
                      client.from.to_string() + " refused: " + std::string{reason} + " (" +
                          std::to_string(std::exchange(refused_since_log_, 0)) +
                          " refused since the last line like this)",
                      {{"CLIENT", client.from.to_string()}});
}

} // namespace jabberd::workers
