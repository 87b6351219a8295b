// SPDX-License-Identifier: LGPL-2.1-or-later
// One connection with the server: its socket, and the stream in it.
#pragma once

#include "event/alarm.h"
#include "event/loop.h"
#include "net/socket_address.h"
#include "peer/socket.h"
#include "upstream/client/around.h"
#include "upstream/wire/server_stream.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace jabberd::upstream {

// Whom a connection tells. None of these may destroy it.
class LinkOwner {
public:
    virtual void features(std::string_view children) = 0;
    virtual void element(const xml::Stanza &stanza) = 0;

    // It is over. `condition`: that of a stream error, as the server said it, or "" where it did not.
    virtual void lost(std::string_view condition, std::string_view text) = 0;

    // The server has sent it elsewhere, and it is over. False: it does not go there, and is lost().
    virtual bool moved(const net::SocketAddress &) { return false; }

protected:
    ~LinkOwner() = default;
};

// For whom it is.
struct Caller {
    std::string host, from, lang;               // of the stream header
    std::optional<net::SocketAddress> client;   // for the PROXY protocol
    std::optional<net::SocketAddress> server{}; // where the configured one has sent it
};

// As a value: of one whose stream is open.
struct LinkState {
    int fd = -1;         // borrowed
    void *tls = nullptr; // SSL *; borrowed
    bool header_due = false, ended = false;
    std::string primer, unfinished; // of the stream (ServerStream::Value)
    std::string unwritten;
};

// [loop] for all of it.
class Link final : private event::Watched, private ServerStreamOwner {
public:
    // Dials at once. Throws std::system_error when the kernel has no socket for it.
    Link(Around &around, LinkOwner &owner, Caller caller);
    // Of a predecessor: nothing is written, read or watched before wake(). Throws std::runtime_error.
    Link(Around &around, LinkOwner &owner, LinkState state);
    void wake();

    void write(std::string_view bytes) { unwritten_ += bytes; } // at the next flush()
    void flush();
    std::size_t unwritten() const { return unwritten_.size(); }

    // The login is done: the stream begins anew (RFC 6120 §6.4.6).
    void open_anew(const Caller &caller);

    void pause(bool paused); // reading
    void finish();           // nothing more is written behind what is; what the server still says is read
    bool is_open() const { return is_open_; } // the server has said what it offers
    bool is_over() const { return is_over_; }

    LinkState save() const;
    void relinquish() { socket_.relinquish(); } // the socket is another one's now

private:
    void on_ready(std::uint32_t events) override;
    void features(std::string_view children) override;
    void element(const xml::Stanza &stanza) override { owner_.element(stanza); }
    void ended(End end, std::string_view condition, std::string_view text) override;
    bool moved(std::string_view where) override;

    void connected();
    void read();
    void lose(std::string_view condition, std::string_view text);
    std::string proxy_header() const;

    Around &around_;
    LinkOwner &owner_;
    Caller caller_; // until it is open
    peer::Socket socket_;
    ServerStream stream_;
    std::string unwritten_;
    bool is_open_ = false;
    bool finishes_ = false;
    bool is_over_ = false;
};

} // namespace jabberd::upstream
