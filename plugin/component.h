// SPDX-License-Identifier: LGPL-2.1-or-later
// One instance of the socket manager, put together: the only place that sees every part.
#pragma once

#include "base/clock.h"
#include "config/options.h"
#include "connection/acceptor.h"
#include "connection/plant.h"
#include "connection/worker.h"
#include "tls/certificates.h"

#include <jabberd/component.h>
#include <jabberd/inspect.h>

#include <memory>
#include <vector>

namespace jabberd {

// The functions of the component ABI, as methods; component.h of the ABI says when each is called.
class Component {
public:
    // Null after the mistakes were reported.
    static std::unique_ptr<Component> create(const jabberd_host &host, const jabberd_config &service);
    ~Component();

    bool start();
    bool reload(const jabberd_config &service);
    void stop(std::chrono::milliseconds deadline);
    void resume();
    jabberd_result receive(const jabberd_packet &packet);

    void status(jabberd_status_sink sink, void *data);
    void sessions(jabberd_session_sink sink, void *data);

private:
    Component(const jabberd_host &host, config::Options options, std::shared_ptr<const tls::Certificates> certificates);
    void stop_accepting();
    void on_every_worker(const std::function<void(connection::Worker &)> &what); // one after the other, and waits

    const jabberd_host &host_;
    SystemClock clock_;
    connection::Plant plant_;
    std::shared_ptr<const config::Options> options_;
    std::shared_ptr<const tls::Certificates> certificates_; // null: no TLS
    std::vector<std::unique_ptr<connection::Worker>> workers_;
    std::vector<std::unique_ptr<connection::Acceptor>> acceptors_; // live on the first worker, so they go first
    bool accepting_ = false;
};

} // namespace jabberd
