// SPDX-License-Identifier: LGPL-2.1-or-later
// One <service/>: an instance of a component, and the host as that instance sees it.
#pragma once

#include "routing/inbox.h"

#include <jabberd/component.h>
#include <jabberd/host.h>

#include <atomic>
#include <chrono>
#include <string>
#include <vector>

namespace jabberd::host {

class Mistakes;
class Router;

struct ServiceCounters {
    std::uint64_t received; // packets its handlers were asked about
    std::uint64_t returned; // those of them that it did not take
};

// Functions without a tag are [main]. The life is that of the instance: component.h has the picture.
class Service final : private Receiver, private Sender {
public:
    // The component must outlive the service, and the service everything that is routed.
    Service(std::string id, std::vector<std::string> names, const jabberd_component &component, Router &router);
    ~Service() { destroy(); }
    Service(const Service &) = delete;
    Service &operator=(const Service &) = delete;

    const std::string &id() const { return id_; }
    const std::vector<std::string> &names() const { return names_; }

    bool create(const jabberd_config &element, Mistakes &mistakes);
    bool start(); // packets that came earlier reach it now
    bool reload(const jabberd_config &element, Mistakes &mistakes);
    bool can_reload() const { return component_.reload != nullptr; }
    void stop(std::chrono::milliseconds deadline);
    void destroy(); // returns to their senders the packets that still wait; may be called again

    // [any-thread] Between construction and destruction. A packet for a destroyed instance goes back to its sender.
    jabberd_delivery deliver(Service *from, const jabberd_packet &packet);
    ServiceCounters counters() const
    {
        return {received_.load(std::memory_order_relaxed), returned_.load(std::memory_order_relaxed)};
    }

    // An extension, or null; only while created.
    const void *extension(const char *name) const;
    jabberd_instance *instance() const { return instance_; }

private:
    struct Handler {
        jabberd_order order;
        jabberd_handler function;
        void *data;
    };

    friend struct HostFunctions; // what the instance calls

    void receive(const jabberd_packet &packet) override;
    void resume() override;
    jabberd_result ask_handlers(const jabberd_packet &packet);
    bool add_handler(const Handler &handler);

    const std::string id_;
    const std::vector<std::string> names_;
    std::vector<const char *> c_names_;
    const jabberd_component &component_;
    Router &router_;
    jabberd_host host_;

    jabberd_instance *instance_ = nullptr;
    Gate alive_;                    // open from create() to destroy(): resume() may be called
    bool takes_handlers_ = false;   // inside create() and start()
    Mistakes *mistakes_ = nullptr;  // inside create() and reload(): where report() goes
    std::vector<Handler> handlers_; // by order; does not change once the inbox is open
    Inbox inbox_;
    Congestion congestion_; // announced by the instance itself
    std::atomic<std::uint64_t> received_{0};
    std::atomic<std::uint64_t> returned_{0};
};

} // namespace jabberd::host
