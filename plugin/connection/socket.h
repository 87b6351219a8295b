// SPDX-License-Identifier: LGPL-2.1-or-later
// A client's socket: the layers that its bytes go through, and what the event loop watches it for.
#pragma once

#include "base/slots.h"
#include "event/loop.h"
#include "handover/state.h"
#include "net/first_bytes.h"
#include "net/transport.h"
#include "tls/records.h"
#include "tls/tls_transport.h"

#include <sys/epoll.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace jabberd::connection {

class Socket {
public:
    Socket() = default; // of a connection that is still to get one
    explicit Socket(UniqueFd fd) : Socket(std::make_unique<net::PlainTransport>(std::move(fd))) {}
    explicit Socket(std::unique_ptr<net::Transport> transport) : transport_(std::move(transport)) {}

    // As a value, and from it: socket and SSL are ours from then on, but OpenSSL calls us only after attach().
    // `certificates` and `http` are for a handshake that is still going on.
    void save(handover::ConnectionState &state) const;
    Socket(const handover::ConnectionState &state, std::shared_ptr<const tls::Certificates> certificates,
           bool http = false);
    void attach();
    void relinquish(); // both belong to a successor, or to the predecessor again

    // Puts TLS between the bytes and the socket. `http`: clients that come for it are welcome, too.
    void begin_tls(std::shared_ptr<const tls::Certificates> certificates, std::string_view host_hint, tls::Mode mode,
                   bool http = false);

    // Null: plaintext.
    const tls::TlsTransport *tls() const { return tls_; }
    bool in_handshake() const { return tls_ != nullptr && !tls_->handshake_done(); }
    bool needs_a_call() const { return tls_ != nullptr && tls_->needs_a_call(); }
    std::string security() const { return transport_->security(); }
    int fd() const { return transport_->fd(); }

    // What the client seems to speak, without taking it. Nothing has been read yet.
    net::FirstBytes peek() const;

    // `records`: of the loop; what TLS reads goes through them.
    net::Moved read(std::span<char> into, tls::Records &records);
    bool has_unread() const { return tls_ != nullptr && tls_->has_unread(); } // that epoll does not know of
    net::Moved write(std::string_view from);
    void shutdown_write() { transport_->shutdown_write(); }

    // The last write found no room. Nothing more is to be written before ready() says so.
    bool write_blocked() const { return write_waits_for_ != Direction::None; }

    // What can be done after these events of the loop.
    struct Ready {
        bool read, write;
    };
    Ready ready(std::uint32_t epoll_events);

    // Has the loop tell `watched` what it waits for: what was not written, and the client's bytes if they are wanted.
    // False: the kernel has no room for it.
    bool watch(event::Loop &loop, event::Watched &watched, bool reading)
    {
        const std::uint32_t events = wanted(reading);
        return events == watched_events_ || watch_for(events, loop, watched);
    }
    void unwatch(event::Loop &loop);

private:
    enum class Direction : std::uint8_t { None, Readable, Writable };

    std::uint32_t wanted(bool reading) const
    {
        const auto waits_for = [&](Direction direction) {
            return (reading && read_waits_for_ == direction) || write_waits_for_ == direction;
        };
        return (waits_for(Direction::Readable) ? EPOLLIN : 0u) | (waits_for(Direction::Writable) ? EPOLLOUT : 0u);
    }
    bool watch_for(std::uint32_t events, event::Loop &loop, event::Watched &watched);

    std::unique_ptr<net::Transport> transport_;
    tls::TlsTransport *tls_ = nullptr; // transport_, when it is that
    SlotId watch_;
    std::uint32_t watched_events_ = 0;
    Direction read_waits_for_ = Direction::Readable;
    Direction write_waits_for_ = Direction::None;
};

} // namespace jabberd::connection
