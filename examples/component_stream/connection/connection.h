// SPDX-License-Identifier: LGPL-2.1-or-later
// One connection with a peer: its socket, its stream, and what crosses it.
#pragma once

#include "base/log.h"
#include "component_stream/connection/around.h"
#include "component_stream/connection/outbox.h"
#include "component_stream/connection/state.h"
#include "component_stream/sessions/crossings.h"
#include "component_stream/wire/stream.h"
#include "dialect/dialect.h"
#include "event/alarm.h"
#include "peer/socket.h"

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace jabberd::component_stream {

class Connection;

// Whether it is worth trying again soon.
enum class Loss {
    Passing,   // by the network; or the peer still has an older stream of our name
    Refused,   // by the peer, or by us for what the peer is: a person has to see to it
    Displaced, // the peer has a newer stream of our name
};

// Whom a connection tells. None of these may destroy it: that is for the end of the turn.
class ConnectionOwner {
public:
    // It is about to have these names: another connection of the endpoint that has one of them gives it up now.
    virtual void displace(const std::vector<std::string> &names, const Connection &by) = 0;
    virtual void opened(Connection &connection) = 0;

    // How long a peer with a wrong secret waits for its answer.
    virtual std::chrono::seconds wrong_secret(const Connection &connection) = 0;

    virtual void lost(Connection &connection, Loss loss, std::string_view why) = 0;

protected:
    ~ConnectionOwner() = default;
};

// [loop] for all of it.
class Connection final : private event::Watched, private StreamOwner, private dialect::Outlet {
public:
    // `connecting`: the kernel has not said yet that there is a peer.
    Connection(Around &around, ConnectionOwner &owner, std::shared_ptr<const EndpointOptions> options, UniqueFd fd,
               const net::SocketAddress &peer, bool connecting);
    // Of a predecessor: nothing is written, read or watched before wake(). Throws std::runtime_error.
    Connection(Around &around, ConnectionOwner &owner, std::shared_ptr<const EndpointOptions> options,
               ConnectionState state);
    bool watch(); // false: the kernel has no room for it
    void wake();  // goes on where the predecessor stopped

    const std::string &peer() const { return peer_text_; }
    static std::string delivering(); // the peer whose packet this thread is delivering; ""
    const std::shared_ptr<Lane> &lane() const { return lane_; }
    bool open() const { return lane_ != nullptr; }
    bool done() const { return done_; } // to be destroyed
    bool lost() const { return lost_; } // and has been told why
    bool idle() const { return outbox_.empty(); }
    bool has_name_of(const std::vector<std::string> &names) const;
    const EndpointOptions &options() const { return *options_; }
    void use(std::shared_ptr<const EndpointOptions> options);

    void drain();                                // what waits in the lane
    void flush();                                // what is queued
    void fail(const stream::StreamError &error); // tells the peer, and ends
    void abandon();                              // at once
    void unpause(std::string_view name);
    void unpause_all();

    struct Figures {
        std::uint64_t in = 0, out = 0, returned = 0;
        std::int64_t since = 0; // seconds of the epoch
        std::size_t queued = 0, sessions = 0;
        std::string security;
    };
    Figures figures() const;

    ConnectionState save() const;
    void relinquish(); // socket and names are another one's now

private:
    void on_ready(std::uint32_t events) override;

    void write(std::string_view bytes) override { outbox_.append(bytes); }
    std::optional<stream::StreamError> authenticated(std::string_view name) override;
    void wrong_secret() override;
    void stanza(const xml::Stanza &stanza) override;
    void ended(End end, std::string_view condition, std::string_view why) override;

    void to_host(std::string element) override { elements_.push_back(std::move(element)); }
    void to_component(const jabberd_packet &packet) override;
    void dropped(std::string_view name, std::string_view from, std::string_view to, std::string_view why) override;
    void sent_back(std::string_view name, std::string_view session, std::string_view connection) override;
    void login_ended(const dialect::LoginEnd &) override {}

    void take_names(std::vector<std::string> names);
    std::optional<std::string> claim_names();
    void connected();
    void read();
    void broken();
    void send(OwnedPacket packet);
    void give_back(OwnedPacket packet);
    void envelope(const xml::Stanza &stanza);
    void pass_on(const jabberd_packet &packet);
    void deliver(const jabberd_packet &packet);
    const std::vector<std::string> &names() const; // none: not open
    void write_elements(OwnedPacket packet);
    void lose(Loss loss, std::string_view why);
    Loss loss_by(End end, std::string_view condition) const;
    void return_all();
    void linger();
    void update();
    void on_deadline();
    void on_keepalive();
    void log(jabberd_log_level level, std::string_view message, LogFields more = {}) const;

    Around &around_;
    ConnectionOwner &owner_;
    std::shared_ptr<const EndpointOptions> options_;
    peer::Socket socket_;
    const std::string peer_text_;
    Stream stream_;
    Outbox outbox_;
    Crossings crossings_;
    std::unique_ptr<dialect::Dialect> dialect_; // null: none is needed
    std::shared_ptr<Lane> lane_;                // null: not open
    std::vector<std::string> claimed_;
    std::string names_text_;
    std::vector<std::string> elements_; // of the dialect, while it makes them
    std::set<std::string> paused_by_;
    Figures figures_;
    event::Alarm deadline_{[this] { on_deadline(); }};
    event::Alarm keepalive_{[this] { on_keepalive(); }};
    Time last_write_;
    bool lingering_ = false; // the end is written: until the peer has read it
    bool lost_ = false;
    bool wrong_secret_ = false; // and that is logged
    bool done_ = false;
};

} // namespace jabberd::component_stream
