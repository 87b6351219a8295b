// SPDX-License-Identifier: LGPL-2.1-or-later
// The component streams of one <service/> as one instance: an event loop on a thread of its own, and its endpoints.
#pragma once

#include "component_stream/config/options.h"
#include "component_stream/connection/endpoint.h"
#include "component_stream/connection/snapshot.h"

#include <jabberd/handover.h>
#include <jabberd/inspect.h>
#include <jabberd/routes.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string_view>
#include <thread>
#include <vector>

namespace jabberd::component_stream {

// The functions of jabberd_component, in C++; entry.cpp lets no exception out of them. [main] unless said otherwise.
class Component final : private event::Turns {
public:
    // Null after reporting why.
    static std::unique_ptr<Component> create(const jabberd_host &host, const jabberd_config &service);

    Component(const jabberd_host &host, Options options);
    ~Component();

    bool start();
    bool reload(const jabberd_config &service);
    void stop(std::chrono::milliseconds deadline);
    void status(jabberd_status_sink sink, void *data);

    const jabberd_snapshot *freeze();
    bool thaw(const jabberd_snapshot &snapshot);
    void commit();

    jabberd_result handle(const jabberd_packet &packet);                   // [any-thread]
    std::string peer_of(const jabberd_packet &packet, bool arrives) const; // [any-thread]
    void resume();                                                         // [any-thread]
    void resume(std::string_view name);                                    // [any-thread]

private:
    void on_turn_end() override;

    // Opens the listeners that are not there yet. False after reporting.
    bool open_all(const jabberd_config &service);
    void run();
    void halt();
    void drain(const Lane &lane);
    void replace(Options options, std::vector<std::unique_ptr<Endpoint>> opened);
    void take_over(InstanceState &state);
    Endpoint *endpoint(std::string_view key) const;
    bool run_on_loop(std::function<void()> function, std::chrono::milliseconds patience);
    bool has_rest() const;

    const jabberd_host &host_;
    SystemClock clock_;
    event::Loop loop_{clock_, *this};
    Directory directory_;
    Exit::Drain drain_;
    Exit exit_;
    Around around_;
    std::vector<std::unique_ptr<Endpoint>> endpoints_;
    std::unique_ptr<Snapshot> snapshot_; // while frozen
    std::thread thread_;
    bool begun_ = false;
};

} // namespace jabberd::component_stream
