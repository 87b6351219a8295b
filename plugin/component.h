// SPDX-License-Identifier: LGPL-2.1-or-later
// One instance of the socket manager, put together: the only place that sees every part.
#pragma once

#include "base/clock.h"
#include "base/metric_writer.h"
#include "config/options.h"
#include "connection/shared.h"
#include "handover/snapshot.h"
#include "tls/certificates.h"
#include "workers/acceptor.h"
#include "workers/entrance.h"
#include "workers/proxied_clients.h"
#include "workers/threads.h"
#include "workers/worker.h"

#include <jabberd/component.h>
#include <jabberd/handover.h>
#include <jabberd/inspect.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace jabberd {

// The functions of the component ABI, as methods; component.h of the ABI says when each is called.
class Component {
public:
    // Null after the mistakes were reported.
    static std::unique_ptr<Component> create(const jabberd_host &host, const jabberd_config &service);
    ~Component();

    // What create() would report of configuration, certificates and ports (include/jabberd/check.h).
    static bool check(const jabberd_host &host, const jabberd_config &service);

    bool start();
    bool reload(const jabberd_config &service);
    void stop(std::chrono::milliseconds deadline);
    void resume();
    void resume(std::string_view session_manager);
    jabberd_result receive(const jabberd_packet &packet);

    // component_handover.cpp
    const jabberd_snapshot *freeze(); // null after it was logged why
    bool thaw(const jabberd_snapshot &snapshot);
    void commit();

    void status(jabberd_status_sink sink, void *data);
    void sessions(jabberd_session_sink sink, void *data);
    void metrics(MetricWriter &writer); // component_metrics.cpp

private:
    Component(const jabberd_host &host, config::Options options, std::shared_ptr<const tls::Certificates> certificates,
              bool succeeds);
    // `others`: whether there are ports already. Throws std::system_error.
    void open(const std::vector<config::Listen> &wanted, bool others);
    void stop_accepting();
    void run();
    void resume_workers();
    void take_over(const handover::State &state);
    void take_over_listeners(const handover::State &state);
    void keep_counters(handover::State &state);
    void restore_counters(const handover::State &state);
    void tell_logins(MetricWriter &writer);
    std::uint64_t total(Tally connection::Counters::*tally) const;            // of all workers
    void on_every_worker(const std::function<void(workers::Worker &)> &what); // one after the other, and waits

    const jabberd_host &host_;
    SystemClock clock_;
    connection::Shared shared_;
    std::shared_ptr<const config::Options> options_;        // [main]
    const std::string address_host_;                        // of connections; no reload changes it
    std::shared_ptr<const tls::Certificates> certificates_; // null: no TLS
    std::vector<std::unique_ptr<workers::Worker>> workers_;
    workers::Threads threads_{workers_};
    workers::Entrance entrance_{workers_};
    workers::ProxiedClients proxied_{entrance_};
    std::vector<std::unique_ptr<workers::Acceptor>> acceptors_; // live on the first worker, so they go first
    bool accepting_ = false;
    const jabberd_takeover *takeover_ = nullptr;   // null: the host does not ask when it is touched
    bool took_over_ = false;                       // between thaw() and start()
    std::unique_ptr<handover::Snapshot> snapshot_; // while frozen
};

} // namespace jabberd
