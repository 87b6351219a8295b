// SPDX-License-Identifier: LGPL-2.1-or-later
// Takes clients from a listening socket and spreads them over the workers.
#pragma once

#include "event/loop.h"
#include "handover/state.h"
#include "net/listener.h"
#include "workers/worker.h"

#include <memory>
#include <vector>

namespace jabberd::workers {

// Lives on the first worker's loop.
class Acceptor final : private event::Watched, private event::Timer {
public:
    // Listens at once: a port that is taken is found out before anything starts. Throws std::system_error.
    Acceptor(const config::Listen &listen, std::vector<std::unique_ptr<Worker>> &workers);

    // Goes on with a predecessor's socket, which listens already as that was told to.
    Acceptor(const config::Listen &listen, UniqueFd listening, std::vector<std::unique_ptr<Worker>> &workers);
    handover::ListenerState freeze() const;
    void relinquish() { listener_.release().release(); } // the socket is the successor's now

    void start(); // on the worker's thread, or before it runs
    void stop();  // on the worker's thread; the port is closed when the Acceptor is destroyed
    net::SocketAddress address() const { return listener_.address(); }
    bool direct_tls() const { return listen_.direct_tls; }

private:
    void on_ready(std::uint32_t epoll_events) override;
    void on_timer() override;
    void pause(std::string_view reason);
    void take(net::Accepted client);
    void refuse(const net::Accepted &client, std::string_view reason);
    connection::Shared &shared() { return workers_.front()->shared(); }
    event::Loop &loop() { return workers_.front()->loop(); }

    net::Listener listener_;
    const config::Listen listen_;
    std::vector<std::unique_ptr<Worker>> &workers_;
    SlotId watch_;
    std::size_t next_worker_ = 0;
    Time next_log_{};
    std::uint64_t refused_since_log_ = 0;
};

} // namespace jabberd::workers
