// SPDX-License-Identifier: LGPL-2.1-or-later
// One <service/>: its packets, and the instance of a component that takes them.
#pragma once

#include "host/commands/runs.h"
#include "host/routing/inbox.h"
#include "host/routing/instance.h"
#include "host/routing/packet_counts.h"

#include <jabberd/component.h>
#include <jabberd/host.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace jabberd::host {

class Mistakes;
class Router;

struct ServiceCounters {
    std::uint64_t received; // packets its handlers have judged
    std::uint64_t returned; // those of them that it did not take
};

// Functions without a tag are [main]. The life is that of the instance, or of the line of instances: component.h and
// handover.h have the pictures.
class Service final : private Receiver, private Sender {
public:
    // The component must outlive its instance, and the service everything that is routed.
    Service(std::string id, std::vector<std::string> names, const jabberd_component &component, Router &router);
    ~Service() { destroy(); }
    Service(const Service &) = delete;
    Service &operator=(const Service &) = delete;

    const std::string &id() const { return id_; }
    const std::vector<std::string> &names() const { return names_; }
    const std::vector<const char *> &c_names() const { return c_names_; }

    bool create(const jabberd_config &element, Mistakes &mistakes);
    void check(const jabberd_check &check, const jabberd_config &element, Mistakes &mistakes)
    {
        current_->check(check, element, mistakes);
    }
    bool start(); // packets that came earlier reach it now
    bool reload(const jabberd_config &element, Mistakes &mistakes) { return current_->reload(element, mistakes); }
    bool can_reload() const { return current_->can_reload(); }
    void stop(std::chrono::milliseconds deadline); // ends its commands, too
    void destroy(); // returns to their senders the packets that still wait; may be called again

    // Between start() and destroy(). After pause() no handler runs, nor resume(), nor a command, and packets wait.
    // False when one still did at `deadline`; then nothing is paused.
    bool pause(std::chrono::steady_clock::time_point deadline);

    // While paused: `next`, which is created, takes the place of the current instance, which is returned.
    std::unique_ptr<Instance> succeed(std::unique_ptr<Instance> next);

    // Ends a pause. Delivers what waited, and calls resume(), unless the instance is still held back: what it was told
    // during the pause, it cannot know.
    void go_on();

    // The congestion that an earlier instance announced is not that of its successor.
    void forget_congestion() { congestion_.end(); }

    // [any-thread] Between construction and destruction. A packet for a destroyed instance goes back to its sender.
    jabberd_delivery deliver(Service *from, const jabberd_packet &packet);
    ServiceCounters counters() const;
    const PacketCounts &packets() const { return packets_; }

    // [any-thread] What waits because it is paused, or takes packets one at a time.
    Inbox::Waiting waiting() const { return inbox_.waiting(); }

    // As a deliverer that may be told to go on.
    Sender &sender() { return *this; }
    const Sender &sender() const { return *this; }

    // [any-thread] Tells the instance, unless it is not there, or about to be exchanged: then its successor looks for
    // itself.
    void names_changed();

    // [any-thread] Its id for a trace, and behind a slash the peer beyond it, where there is one.
    std::string shown(const jabberd_packet &packet, bool arrives);

    // Whether it told `sender` that it is full, and will tell it when that is over.
    bool holds_back(const Service &sender) const;

    // An extension, or null; only while created.
    const void *extension(const char *name) const { return current_->extension(name); }
    jabberd_instance *instance() const { return current_->get(); }
    Instance &current() { return *current_; }

    // Those that run in the current instance.
    CommandRuns &commands() { return commands_; }

private:
    friend struct HostFunctions; // what the instance calls

    void receive(const jabberd_packet &packet) override;
    void resume(std::string_view name) override;

    const std::string id_;
    const std::vector<std::string> names_;
    std::vector<const char *> c_names_;
    Router &router_;

    std::unique_ptr<Instance> current_; // never null; changes only while inbox_ and alive_ let no thread in
    Gate alive_;                        // open while resume() may be called
    Inbox inbox_;
    Congestion congestion_; // announced by the instance itself
    PacketCounts packets_;
    CommandRuns commands_;
};

} // namespace jabberd::host
