// SPDX-License-Identifier: LGPL-2.1-or-later
// The swap, as the old instance and as the new one live it (include/jabberd/handover.h). All on [main], while no thread
// of ours runs.
#include "base/log.h"
#include "component_stream/component.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace jabberd::component_stream {

const jabberd_snapshot *Component::freeze()
{
    halt();
    while (loop_.run_posted()) // what is in a lane goes into an outbox
        continue;
    try {
        InstanceState state;
        for (const auto &endpoint : endpoints_) {
            if (endpoint->closing())
                continue; // its connections have been told, and end with the old instance
            if (endpoint->listening() >= 0)
                state.listeners.push_back({endpoint->options().key(), endpoint->listening()});
            if (endpoint->is_displaced())
                state.displaced.push_back(endpoint->options().key());
            for (const auto &connection : endpoint->connections()) {
                if (!connection->lost())
                    state.connections.push_back(connection->save());
            }
        }
        snapshot_ = std::make_unique<Snapshot>(state);
        return &snapshot_->abi();
    } catch (const std::exception &problem) {
        write_log(host_, JABBERD_LOG_ERROR, std::string{"cannot be frozen: "} + problem.what(), {});
        run();
        return nullptr;
    }
}

bool Component::thaw(const jabberd_snapshot &snapshot)
{
    if (snapshot_ != nullptr) { // our own: nothing has changed
        snapshot_.reset();
        run();
        return true;
    }
    auto read = read_snapshot(snapshot);
    if (const auto *reason = std::get_if<std::string>(&read)) {
        write_log(host_, JABBERD_LOG_ERROR, "cannot take over: " + *reason, {});
        return false;
    }
    auto &state = std::get<InstanceState>(read);
    const auto *takeover = static_cast<const jabberd_takeover *>(host_.get_extension(&host_, JABBERD_TAKEOVER));
    if (takeover != nullptr && !takeover->claim(&host_)) {
        write_log(host_, JABBERD_LOG_WARNING, "is too late to take over", {});
        return false;
    }
    try {
        take_over(state);
    } catch (const std::exception &problem) {
        write_log(host_, JABBERD_LOG_ERROR, std::string{"cannot take over: "} + problem.what(), {});
        for (const auto &endpoint : endpoints_)
            endpoint->relinquish_connections();
        return false;
    }
    write_log(host_, JABBERD_LOG_NOTICE, "took over " + std::to_string(state.connections.size()) + " component streams",
              {});
    return true;
}

// Ports that are new are opened first, and the descriptors of listeners are taken last: no more can fail then.
void Component::take_over(InstanceState &state)
{
    for (const auto &endpoint : endpoints_) {
        const bool comes = std::ranges::find(state.listeners, endpoint->options().key(), &ListenerState::endpoint) !=
                           state.listeners.end();
        if (!comes)
            endpoint->open();
    }
    for (ConnectionState &connection : state.connections) {
        Endpoint *its = endpoint(connection.endpoint);
        if (its == nullptr)
            throw std::runtime_error{"there is a stream at \"" + connection.endpoint +
                                     "\", which is not in the configuration; reload first"};
        its->adopt(std::move(connection));
    }
    for (const std::string &key : state.displaced) {
        if (Endpoint *its = endpoint(key))
            its->stay_displaced();
    }
    for (const ListenerState &listener : state.listeners) {
        UniqueFd fd{listener.fd};
        if (Endpoint *its = endpoint(listener.endpoint))
            its->adopt(std::move(fd));
    }
}

void Component::commit()
{
    for (const auto &endpoint : endpoints_)
        endpoint->relinquish();
    snapshot_.reset();
}

} // namespace jabberd::component_stream
