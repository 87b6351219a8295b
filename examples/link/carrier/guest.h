// SPDX-License-Identifier: LGPL-2.1-or-later
// A connection that came to us, and that we read from.
#pragma once

#include "event/loop.h"
#include "link/carrier/carrier.h"
#include "link/carrier/frame_stream.h"
#include "link/carrier/handshake.h"

#include <memory>
#include <optional>
#include <string>

namespace jabberd::link {

class Guest;

class GuestOwner {
public:
    virtual void introduced(Guest &guest) = 0; // it has shown that it knows the secret
    virtual void ended(Guest &guest, const std::string &why, bool is_strange) = 0; // to be destroyed later

protected:
    ~GuestOwner() = default;
};

class Guest final : private event::Watched {
public:
    // All is borrowed for life.
    Guest(std::unique_ptr<net::Transport> transport, std::string address, Handshake handshake, event::Loop &loop,
          CarrierEvents &events, GuestOwner &owner);
    // One that was introduced already, to a predecessor.
    Guest(const CarrierState::Connection &connection, event::Loop &loop, CarrierEvents &events, GuestOwner &owner);
    ~Guest();
    Guest(const Guest &) = delete;
    Guest &operator=(const Guest &) = delete;

    bool start(); // false: it cannot be watched
    void tick(Time now);
    void close();

    const std::string &peer() const { return peer_; } // once it is introduced
    const std::string &address() const { return address_; }
    bool has_tls() const { return !stream_.transport().security().empty(); }

    CarrierState::Connection save() { return {stream_.transport().fd(), peer_, false, stream_.unread()}; }
    void relinquish();

private:
    void on_ready(std::uint32_t epoll_events) override;
    void greet();
    void take_frames();
    void end(const std::string &why, bool is_strange);

    mutable FrameStream stream_;
    const std::string address_;
    std::optional<Handshake> handshake_; // until it is introduced
    std::string peer_;
    event::Loop &loop_;
    CarrierEvents &events_;
    GuestOwner &owner_;
    SlotId watch_;
    bool watched_ = false, writes_ = false, over_ = false;
    Time deadline_;
};

} // namespace jabberd::link
