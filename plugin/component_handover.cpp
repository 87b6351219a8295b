// SPDX-License-Identifier: LGPL-2.1-or-later
// The swap, as the old instance and as the new one live it (include/jabberd/handover.h). All on [main], while no loop
// of ours runs.
#include "component.h"

#include "base/view.h"
#include "workers/side_by_side.h"

#include <jabberd/snapshot.h>

#include <algorithm>
#include <map>
#include <stdexcept>
#include <system_error>
#include <variant>

namespace jabberd {

namespace {

// Of a connection's id. A slot costs memory: no process has room for so many clients.
constexpr std::uint32_t max_slot = 1u << 22;

constexpr std::size_t most_loops = 1024; // of a predecessor

std::string busy_name(std::size_t loop)
{
    return "loop " + std::to_string(loop) + " busy ns";
}

bool needs_certificate(const handover::ConnectionState &connection)
{
    return connection.stream == JABBERD_STREAM_TLS_DUE ||
           (connection.tls != nullptr && SSL_is_init_finished(static_cast<SSL *>(connection.tls)) != 1);
}

// Whether a PROXY header is due is not the socket's: a proxy that begins to send one, and its server, change together.
// (Of two with port 0 each is to be the one it was.)
std::vector<handover::ListenerState>::iterator listener_of(const config::Listen &listen,
                                                           std::vector<handover::ListenerState> &among)
{
    const auto same = [&](const handover::ListenerState &listener) {
        return listener.configured == listen.address.to_string() && listener.direct_tls == listen.direct_tls;
    };
    const auto found = std::ranges::find_if(among, [&](const handover::ListenerState &listener) {
        return same(listener) && listener.proxied == listen.proxied;
    });
    return found != among.end() ? found : std::ranges::find_if(among, same);
}

} // namespace

const jabberd_snapshot *Component::freeze()
{
    workers_.front()->run_and_wait([this] {
        for (const auto &acceptor : acceptors_)
            acceptor->stop();
    });
    threads_.halt();
    // What one has posted to another, and what comes of that.
    const auto any_posted = [this] {
        return std::ranges::count_if(workers_, [](const auto &worker) { return worker->run_posted(); }) > 0;
    };
    while (any_posted())
        continue;
    try {
        handover::State state;
        state.writer = "socket_manager " SOCKET_MANAGER_VERSION;
        state.host = options_->host;
        state.epoch = shared_.epoch;
        state.full = shared_.host.any_full();
        state.full_names = shared_.host.full_names();
        shared_.returns.save(state);
        shared_.answering.save(state);
        for (const auto &acceptor : acceptors_)
            state.listeners.push_back(acceptor->freeze());
        proxied_.freeze(state);
        std::size_t count = 0;
        for (const auto &worker : workers_)
            count += worker->size() + worker->detached();
        state.connections.reserve(count); // a kilobyte each, which a growing vector would move again and again
        for (const auto &worker : workers_)
            worker->freeze(state);
        keep_counters(state);
        snapshot_ = std::make_unique<handover::Snapshot>(state);
        handover::wipe(state);
        return &snapshot_->abi();
    } catch (const std::exception &problem) {
        shared_.host.log(JABBERD_LOG_ERROR, std::string{"cannot be frozen: "} + problem.what());
        run();
        return nullptr;
    }
}

void Component::keep_counters(handover::State &state)
{
    std::map<std::string, std::uint64_t> sums;
    for (const auto &worker : workers_)
        for_each_kept(worker->counters(), [&](const std::string &name, Tally &tally) { sums[name] += tally.get(); });
    for (std::size_t loop = 0; loop < workers_.size(); ++loop)
        sums[busy_name(loop)] = workers_[loop]->loop().busy().get();
    state.counters.assign(sums.begin(), sums.end());
}

// A loop that there is no more has worked for the first.
void Component::restore_counters(const handover::State &state)
{
    std::map<std::string, Tally *> own;
    for_each_kept(workers_.front()->counters(), [&](const std::string &name, Tally &tally) { own[name] = &tally; });
    for (std::size_t loop = 0; loop < most_loops; ++loop)
        own[busy_name(loop)] = &workers_[loop < workers_.size() ? loop : 0]->loop().busy();
    for (const auto &[name, sum] : state.counters) {
        if (const auto found = own.find(name); found != own.end())
            found->second->add(sum);
    }
}

bool Component::thaw(const jabberd_snapshot &snapshot)
{
    if (snapshot_ != nullptr) { // our own: nothing has changed
        snapshot_.reset();
        run();
        return true;
    }
    auto read = handover::read_snapshot(snapshot);
    if (const auto *reason = std::get_if<std::string>(&read)) {
        shared_.host.log(JABBERD_LOG_ERROR, "cannot take over: " + *reason);
        return false;
    }
    auto &state = std::get<handover::State>(read);
    if (takeover_ != nullptr && !takeover_->claim(&host_)) {
        shared_.host.log(JABBERD_LOG_WARNING, "is too late to take over");
        handover::wipe(state);
        return false;
    }
    try {
        take_over(state);
        workers::side_by_side(workers_.size(), [this](std::size_t number) { workers_[number]->attach(); });
    } catch (const std::exception &problem) {
        shared_.host.log(JABBERD_LOG_ERROR, std::string{"cannot take over: "} + problem.what());
        proxied_.relinquish();
        for (const auto &worker : workers_)
            worker->relinquish();
        handover::wipe(state);
        return false;
    }
    shared_.host.log(JABBERD_LOG_NOTICE, "took over " + std::to_string(state.connections.size()) +
                                             " connections from " +
                                             (state.writer.empty() ? "a component without a name" : state.writer));
    handover::wipe(state);
    return took_over_ = true;
}

void Component::take_over(const handover::State &state)
{
    if (state.host != options_->host)
        throw std::runtime_error{"the connections' addresses are at " + state.host + ", and <host/> is " +
                                 options_->host};
    if (certificates_ == nullptr && (std::ranges::any_of(state.connections, needs_certificate) ||
                                     std::ranges::any_of(state.proxied, &handover::ProxiedState::tls_direct)))
        throw std::runtime_error{"a TLS handshake is going on, and there is no <tls/> in the configuration"};
    // The last token may have been given already: an address must never come again.
    if (state.next_token == 0 || state.next_token == UINT32_MAX)
        throw std::runtime_error{"there are no tokens left for new connections"};
    const auto count = static_cast<unsigned>(workers_.size());
    std::vector<std::vector<std::pair<SlotId, const handover::ConnectionState *>>> parts(count);
    for (auto &part : parts)
        part.reserve(state.connections.size() / count + 1);
    for (const handover::ConnectionState &connection : state.connections) {
        const auto place = workers::place_of(parse_connection_address(connection.address).value(), count);
        if (place.slot.index > max_slot)
            throw std::runtime_error{connection.address + " cannot be the address of a connection here"};
        parts[place.worker].emplace_back(place.slot, &connection);
    }
    if (state.full)
        shared_.host.begin_full(state.full_names);
    if (!state.epoch.empty()) // an older version's addresses have none; those that we give have ours
        shared_.epoch = state.epoch;
    shared_.returns.restore(state);
    shared_.answering.restore(state);
    for (const handover::NotResumedState &session : state.not_resumed) {
        for (const auto &worker : workers_)
            worker->remember(session);
    }
    for (const auto &worker : workers_)
        worker->begin_at(state.next_token);
    workers::side_by_side(count, [&](std::size_t number) {
        auto &part = parts[number];
        std::ranges::sort(part, {}, [](const auto &one) { return one.first.index; });
        for (const auto &[slot, connection] : part)
            workers_[number]->thaw(slot, *connection);
    });
    proxied_.thaw(state);
    restore_counters(state);
    take_over_listeners(state);
}

// Last, for a port that is not open yet may be taken, and that must be found out before a socket changes hands.
// One that the configuration does not ask for any more is closed: clients in its backlog are refused, as by a restart.
void Component::take_over_listeners(const handover::State &state)
{
    std::vector<handover::ListenerState> left = state.listeners;
    std::vector<std::pair<config::Listen, int>> wanted;
    std::vector<config::Listen> opened;
    for (const config::Listen &listen : options_->listen) {
        const auto found = listener_of(listen, left);
        if (found == left.end()) {
            opened.push_back(listen);
            continue;
        }
        wanted.emplace_back(listen, found->fd);
        left.erase(found);
    }
    open(opened, !wanted.empty());
    for (const auto &[listen, fd] : wanted)
        acceptors_.push_back(std::make_unique<workers::Acceptor>(listen, UniqueFd{fd}, entrance_, proxied_));
    for (const handover::ListenerState &listener : left)
        UniqueFd{listener.fd}.reset();
}

void Component::commit()
{
    for (const auto &acceptor : acceptors_)
        acceptor->relinquish();
    proxied_.relinquish();
    for (const auto &worker : workers_)
        worker->relinquish();
    accepting_ = false;
    acceptors_.clear();
    snapshot_.reset();
}

} // namespace jabberd
