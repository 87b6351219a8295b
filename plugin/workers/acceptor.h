// SPDX-License-Identifier: LGPL-2.1-or-later
// Takes clients from a listening socket, as many as there is room for.
#pragma once

#include "event/loop.h"
#include "handover/state.h"
#include "net/listener.h"
#include "workers/entrance.h"
#include "workers/proxied_clients.h"

namespace jabberd::workers {

// Lives on the first worker's loop. It gives each client to the entrance, or where a PROXY header is due to the proxied
// clients; both are borrowed for life.
class Acceptor final : private event::Watched, private event::Timer {
public:
    // Listens at once: a port that is taken is found out before anything starts. Throws std::system_error.
    Acceptor(const config::Listen &listen, Entrance &entrance, ProxiedClients &proxied);

    // Goes on with a predecessor's socket, which listens already as that was told to.
    Acceptor(const config::Listen &listen, UniqueFd listening, Entrance &entrance, ProxiedClients &proxied);
    handover::ListenerState freeze() const;
    void relinquish() { listener_.release().release(); } // the socket is the successor's now

    void start(); // on the worker's thread, or before it runs
    void stop();  // on the worker's thread; the port is closed when the Acceptor is destroyed
    net::SocketAddress address() const { return listener_.address(); }
    const config::Listen &configured() const { return listen_; }

private:
    void on_ready(std::uint32_t epoll_events) override;
    void on_timer() override;
    void pause(std::string_view reason);
    void take(net::Accepted client);
    int end_of_clients() const;
    connection::Shared &shared() { return entrance_.first().shared(); }
    event::Loop &loop() { return entrance_.first().loop(); }

    net::Listener listener_;
    const config::Listen listen_;
    Entrance &entrance_;
    ProxiedClients &proxied_;
    SlotId watch_;
    bool is_paused_ = false; // since the last client that it took
    Time next_log_{};
};

} // namespace jabberd::workers
