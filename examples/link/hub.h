// SPDX-License-Identifier: LGPL-2.1-or-later
// The peers of this process: one loop's thread owns them and their carrier; packets come from any thread.
#pragma once

#include "base/metric_writer.h"
#include "event/loop.h"
#include "link/carrier/carrier.h"
#include "link/hub_settings.h"
#include "link/table.h"

#include <jabberd/inspect.h>
#include <jabberd/routes.h>

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace jabberd::link {

class Hub final : private event::Turns, private CarrierEvents, private event::Timer {
public:
    // All is borrowed for life.
    Hub(const jabberd_host &host, const jabberd_routes &routes, const Clock &clock, Self self, HubSettings settings);
    ~Hub() override;
    Hub(const Hub &) = delete;
    Hub &operator=(const Hub &) = delete;

    // [main] Before start(), or while halted.
    using MakeCarrier = std::function<std::unique_ptr<Carrier>(event::Loop &, CarrierEvents &)>;
    void use(const MakeCarrier &make);
    Carrier &carrier() { return *carrier_; }
    void add_peer(const std::string &name);
    void start();
    void halt(); // no thread of ours runs
    std::vector<Peer::State> save();
    // Before start(). False: one of them cannot be; nothing has changed.
    bool restore(std::vector<Peer::State> states);
    const Self &self() const { return self_; }

    // [main]
    void set(HubSettings settings);
    void status(jabberd_status_sink sink, void *data);
    void metrics(MetricWriter &writer); // hub_metrics.cpp
    bool all_taken();                   // by the peers that are there

    // [any-thread]
    jabberd_result take(const jabberd_packet &packet);
    void resume(const std::string *key); // null: all names
    void names_changed();
    // Whose packet this thread is delivering, where it `arrives`; otherwise where it would go; "" for none.
    std::string peer_of(const jabberd_packet &packet, bool arrives) const;

private:
    void on_turn_begin() override;
    void on_turn_end() override;
    bool wants_a_turn() const override { return more_; }
    void on_timer() override;
    bool on_frame(std::string_view peer, std::string_view frame) override;
    void on_carried(std::string_view peer, Carried carried, std::string_view why) override;
    void on_room(std::string_view peer) override;
    void on_line(jabberd_log_level level, const std::string &line) override;
    bool on_found(std::string_view peer) override;
    bool on_gone(std::string_view peer) override;

    void tell_congestion();
    void run_task(std::function<void()> what);
    void wake(Link &link);
    void update_congestion(Link &link);
    void read_names();
    void settle(const std::shared_ptr<Link> &link, Outcome &outcome);
    void deliver(Link &link, std::string_view encoded);
    void update_claims(const std::shared_ptr<Link> &link);
    bool claim(const std::shared_ptr<Link> &link, const std::string &name, const std::string &key);
    void unclaim(Link &link, const std::string &key);
    void return_all(Link &link, const GivenUp &given_up);
    void flush(Link &link);
    using Links = std::vector<std::shared_ptr<Link>>;
    std::shared_ptr<const Links> links() const;
    void set_links(Links links);
    std::shared_ptr<Link> link_of(std::string_view peer) const;
    std::shared_ptr<const Table> table() const;
    void publish(std::shared_ptr<const Table> table);

    const jabberd_host &host_;
    const jabberd_routes &routes_;
    const Clock &clock_;
    const Self self_;
    HubSettings settings_;
    event::Loop loop_;
    std::unique_ptr<Carrier> carrier_;
    mutable std::mutex table_mutex_; // for the next two, which are replaced, never changed
    std::shared_ptr<const Table> table_ = std::make_shared<Table>();
    std::shared_ptr<const Links> links_ = std::make_shared<Links>(); // by the loop's thread, while it runs
    std::vector<std::string> told_names_;
    std::vector<std::vector<std::string>> told_parts_;
    std::uint64_t names_version_ = 0;
    DecodedPacket decoded_;
    const Link *delivering_ = nullptr; // [loop] whose packets, for a trace
    std::atomic<std::uint64_t> resumes_{0};
    std::atomic<bool> woken_{false};
    bool more_ = false;
    std::optional<Time> ticked_; // of this process
    bool succeeds_ = false;      // until its names are claimed
    std::thread thread_;
    std::atomic<std::thread::id> thread_id_;
};

} // namespace jabberd::link
