// SPDX-License-Identifier: LGPL-2.1-or-later
// The swap, as the old instance and as the new one live it (include/jabberd/handover.h). All on [main], while no thread
// of ours runs.
#include "upstream/component.h"

#include "base/log.h"

#include <stdexcept>
#include <utility>

namespace jabberd::upstream {

const jabberd_snapshot *Component::freeze()
{
    halt();
    while (loop_.run_posted()) // what is in the inbox is written, or kept by its client
        continue;
    try {
        InstanceState state;
        for (const auto &[address, client] : clients_) {
            if (!client->over())
                state.clients.push_back(client->save());
        }
        state.sessions = {sessions_.begin(), sessions_.end()};
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
    const std::size_t count = state.clients.size();
    try {
        take_over(state);
    } catch (const std::exception &problem) {
        write_log(host_, JABBERD_LOG_ERROR, std::string{"cannot take over: "} + problem.what(), {});
        for (const auto &[address, client] : clients_)
            client->relinquish();
        clients_.clear();
        return false;
    }
    write_log(host_, JABBERD_LOG_NOTICE, "took over the connections of " + std::to_string(count) + " clients", {});
    return true;
}

void Component::take_over(InstanceState &state)
{
    for (ClientState &client : state.clients) {
        const std::string address = client.address;
        if (!clients_
                 .emplace(address,
                          std::make_unique<Client>(around_, static_cast<ClientOwner &>(*this), std::move(client)))
                 .second)
            throw std::runtime_error{"two clients have one address, " + address};
    }
    sessions_ = {std::make_move_iterator(state.sessions.begin()), std::make_move_iterator(state.sessions.end())};
}

void Component::commit()
{
    for (const auto &[address, client] : clients_)
        client->relinquish();
    snapshot_.reset();
}

} // namespace jabberd::upstream
