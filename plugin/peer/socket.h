// SPDX-License-Identifier: LGPL-2.1-or-later
// The socket of a connection with another program, dialled or accepted: what the kernel is to wake it for, and TLS
// where there is some.
#pragma once

#include "event/loop.h"
#include "net/transport.h"
#include "tls/peer_tls.h"
#include "tls/tls_transport.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace jabberd::peer {

// [loop] for all of it.
class Socket {
public:
    // `watched` is borrowed for life. `connecting`: the kernel has not said yet that there is a peer. Throws
    // std::bad_alloc.
    Socket(event::Loop &loop, event::Watched &watched, UniqueFd fd, bool connecting);
    // For take_over().
    Socket(event::Loop &loop, event::Watched &watched, bool connecting);
    ~Socket();
    Socket(const Socket &) = delete;
    Socket &operator=(const Socket &) = delete;

    void set_options(std::chrono::seconds keepalive); // TCP's: the kernel asks a peer that was silent for so long

    // What is read and written from here on is inside TLS.
    void dial_tls(const tls::PeerTls &tls);
    void accept_tls(const tls::PeerTls &tls);

    bool watch(); // false: the kernel has no room for it

    bool connecting() const { return connecting_; }
    std::string connected(); // at the first event: why not, or ""

    // What the event is for. After it, update().
    struct Wakes {
        bool read;
        bool write;
    };
    Wakes woken(std::uint32_t events);
    void pause(bool paused) { paused_ = paused; } // reading
    void update();

    net::Moved read(std::span<char> into);
    net::Moved write(std::string_view from); // begins with the same bytes as one that did not move them
    void wait_to_write();                    // although it may
    bool can_write() const { return !connecting_ && write_waits_ == 0; }
    void shutdown_write() { transport_->shutdown_write(); }

    // A record is encrypted that the kernel has not taken: nothing else can be written before it.
    bool has_begun_a_record() const { return tls_ != nullptr && has_begun_; }

    std::string security() const { return transport_->security(); } // "" in the clear
    std::string failure() const;                                    // of the last read or write

    int fd() const { return transport_->fd(); }
    SSL *ssl() const { return tls_ == nullptr ? nullptr : tls_->ssl(); }

    void take_over(UniqueFd fd, tls::SslPtr ssl); // of a predecessor; null: in the clear
    void relinquish();                            // both are another one's now

private:
    void secure(std::unique_ptr<tls::TlsTransport> tls);
    UniqueFd release() { return static_cast<net::PlainTransport &>(*transport_).release(); }

    event::Loop &loop_;
    event::Watched &watched_;
    std::unique_ptr<net::Transport> transport_;
    tls::TlsTransport *tls_ = nullptr; // the transport, where it is that
    SlotId watch_;
    std::uint32_t watched_for_ = 0;
    std::uint32_t write_waits_ = 0; // EPOLLIN, EPOLLOUT: for which of these
    bool read_waits_to_write_ = false;
    bool has_begun_ = false; // a write, and not moved it
    bool connecting_;
    bool paused_ = false;
};

} // namespace jabberd::peer
