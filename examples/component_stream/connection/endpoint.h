// SPDX-License-Identifier: LGPL-2.1-or-later
// One <accept/> or <connect/>: who may come, or whom we go to again and again.
#pragma once

#include "component_stream/connection/connection.h"
#include "net/listener.h"

#include <jabberd/inspect.h>

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace jabberd::component_stream {

// [loop] for all but open().
class Endpoint final : private event::Watched, private ConnectionOwner {
public:
    Endpoint(Around &around, std::shared_ptr<const EndpointOptions> options);
    ~Endpoint();
    Endpoint(const Endpoint &) = delete;
    Endpoint &operator=(const Endpoint &) = delete;

    const EndpointOptions &options() const { return *options_; }
    void use(std::shared_ptr<const EndpointOptions> options);

    // Before the loop runs. Of an <accept>: throws std::system_error when the port cannot be had.
    void open();
    void adopt(UniqueFd listening) { listener_.emplace(std::move(listening)); }
    void adopt(ConnectionState state);
    bool is_displaced() const { return last_loss_ == Loss::Displaced && !trouble_.empty(); }
    void stay_displaced() { last_loss_ = Loss::Displaced; } // as its predecessor was
    int listening() const { return listener_ ? listener_->fd() : -1; }
    void begin(); // watches, connects

    const std::vector<std::unique_ptr<Connection>> &connections() const { return connections_; }
    void turn_end(); // writes what is queued, and destroys what is done

    // Nothing new comes. What there is ends with this error.
    void close(const stream::StreamError &error);
    void stop_accepting();
    bool closing() const { return closing_; }
    void relinquish(); // all sockets are another one's now
    void relinquish_connections();

    void status(jabberd_status_sink sink, void *data) const;

private:
    void on_ready(std::uint32_t events) override;

    void displace(const std::vector<std::string> &names, const Connection &by) override;
    void opened(Connection &connection) override;
    std::chrono::seconds wrong_secret(const Connection &connection) override;
    void lost(Connection &connection, Loss loss, std::string_view why) override;

    bool has_room_for(const net::SocketAddress &address) const;
    void add(UniqueFd fd, const net::SocketAddress &peer, bool connecting);
    void pause_accepting();
    void accept_again();
    void connect();
    void retry(Loss loss, std::string_view why);

    Around &around_;
    std::shared_ptr<const EndpointOptions> options_;
    std::optional<net::Listener> listener_;
    SlotId watch_;
    std::vector<std::unique_ptr<Connection>> connections_;
    event::Alarm retry_{[this] { connect(); }};
    event::Alarm accept_again_{[this] { accept_again(); }};
    std::chrono::seconds pause_{0}; // before the last try
    Loss last_loss_ = Loss::Passing;
    std::string trouble_;                           // why there is no stream, logged once
    std::map<std::string, unsigned> wrong_secrets_; // by address
    std::uint64_t in_ = 0, out_ = 0, returned_ = 0; // of streams that are gone
    std::uint64_t lost_ = 0, not_let_in_ = 0, turned_away_ = 0;
    bool closing_ = false;
};

} // namespace jabberd::component_stream
