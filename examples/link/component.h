// SPDX-License-Identifier: LGPL-2.1-or-later
// The links of one process as one instance: its parts, and its life.
#pragma once

#include "base/clock.h"
#include "base/metric_writer.h"
#include "link/carrier/carrier.h"
#include "link/carrier/nats_exchange.h"
#include "link/hub.h"
#include "link/options.h"
#include "link/snapshot.h"

#include <jabberd/component.h>
#include <jabberd/handover.h>
#include <jabberd/inspect.h>
#include <jabberd/routes.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>

namespace jabberd::link {

// The functions of jabberd_component, in C++; entry.cpp lets no exception out of them. [main] unless said otherwise.
class Component {
public:
    // Null after reporting why.
    static std::unique_ptr<Component> create(const jabberd_host &host, const jabberd_config &service);

    Component(const jabberd_host &host, const jabberd_routes &routes, Options options);
    ~Component();

    bool start();
    bool reload(const jabberd_config &service);
    void stop(std::chrono::milliseconds deadline);
    void status(jabberd_status_sink sink, void *data) { hub_->status(sink, data); }
    void metrics(MetricWriter &writer) { hub_->metrics(writer); }

    const jabberd_snapshot *freeze(); // null after it was logged why
    bool thaw(const jabberd_snapshot &snapshot);
    void commit();

    jabberd_result handle(const jabberd_packet &packet) { return hub_->take(packet); } // [any-thread]
    std::string peer_of(const jabberd_packet &packet, bool arrives) const              // [any-thread]
    {
        return hub_->peer_of(packet, arrives);
    }
    void resume() { hub_->resume(nullptr); } // [any-thread]
    void resume(std::string_view name);      // [any-thread]
    void names_changed();                    // [any-thread]

private:
    void make_hub(std::uint64_t process);
    std::unique_ptr<Carrier> make_carrier(event::Loop &loop, CarrierEvents &events);
    void listen_beside_predecessor();
    bool take_over(LinkState &state);
    void wait_until_taken(std::chrono::milliseconds patience);

    const jabberd_host &host_;
    const jabberd_routes &routes_;
    SystemClock clock_;
    Options options_;
    std::unique_ptr<NatsExchange> exchange_; // with a broker; null: TCP
    std::unique_ptr<Hub> hub_;
    Carrier *carrier_ = nullptr; // the hub's
    const jabberd_takeover *takeover_ = nullptr;
    std::unique_ptr<Snapshot> snapshot_; // while frozen
    std::atomic<bool> started_{false};   // and hub_ is the one for good
    bool gone_ = false;                  // another has it all
};

} // namespace jabberd::link
