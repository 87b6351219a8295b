// SPDX-License-Identifier: LGPL-2.1-or-later
// One <service/> whose clients are a server's, as one instance: an event loop on a thread of its own, and its clients.
#pragma once

#include "base/metric_writer.h"
#include "net/token_bucket.h"
#include "upstream/client/client.h"
#include "upstream/client/offers.h"
#include "upstream/client/snapshot.h"
#include "upstream/config/options.h"

#include <jabberd/handover.h>
#include <jabberd/inspect.h>

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace jabberd::upstream {

// The functions of jabberd_component, in C++; entry.cpp lets no exception out of them. [main] unless said otherwise.
class Component final : private event::Turns, private ClientOwner {
public:
    // Null after reporting why.
    static std::unique_ptr<Component> create(const jabberd_host &host, const jabberd_config &service);

    Component(const jabberd_host &host, Options options);
    ~Component();

    bool start();
    bool reload(const jabberd_config &service);
    void stop(std::chrono::milliseconds deadline);
    void status(jabberd_status_sink sink, void *data);
    void metrics(MetricWriter &writer); // component_metrics.cpp

    const jabberd_snapshot *freeze();
    bool thaw(const jabberd_snapshot &snapshot);
    void commit();

    jabberd_result handle(const jabberd_packet &packet); // [any-thread]
    void resume();                                       // [any-thread]

private:
    using Clients = std::unordered_map<std::string, std::unique_ptr<Client>>;

    void on_turn_end() override;

    void queue_login(Client &client) override;
    std::optional<std::string> offer_for(Client &client, const Caller &caller) override;
    void learn_offer(const Caller &caller, std::string_view features) override { offers_.learn(caller, features); }
    void remember_session(std::string_view sm_id, std::string_view session) override;
    std::string session_called(std::string_view sm_id) const override;
    void is_over(Client &client) override { over_.push_back(client.address()); }

    void run();
    void halt();
    Client *passes_on(const jabberd_packet &packet);
    void drain();
    void receive(const jabberd_packet &packet);
    void give_back(const jabberd_packet &packet);
    void offer(const std::string &key, std::string_view features);
    void next_logins();
    void take_over(InstanceState &state);
    bool run_on_loop(std::function<void()> function, std::chrono::milliseconds patience);

    const jabberd_host &host_;
    SystemClock clock_;
    event::Loop loop_{clock_, *this};
    Around around_;
    Offers offers_;
    Clients clients_;                               // by address of the connection
    std::vector<std::string> over_;                 // in this turn: addresses
    std::vector<std::unique_ptr<Client>> replaced_; // in this turn, by a new client of the same address
    std::vector<Client *> touched_;                 // in this turn: what they have to write is written at its end

    std::deque<std::string> logins_; // addresses of those that wait for their turn to dial
    net::TokenBucket pace_;
    event::Alarm next_login_{[this] { next_logins(); }};
    std::unordered_set<std::string> asking_; // addresses of those that wait to be told what is offered

    // Sessions that can be resumed, the oldest first.
    std::deque<KnownSession> sessions_;

    std::mutex mutex_; // of what follows
    std::vector<OwnedPacket> inbox_;
    std::size_t inbox_bytes_ = 0;
    bool is_congested_ = false;

    std::unique_ptr<Snapshot> snapshot_; // while frozen
    std::thread thread_;
};

} // namespace jabberd::upstream
