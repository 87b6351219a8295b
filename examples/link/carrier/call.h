// SPDX-License-Identifier: LGPL-2.1-or-later
// A connection that we dial, until both ends have greeted each other.
#pragma once

#include "event/loop.h"
#include "link/carrier/frame_stream.h"
#include "link/carrier/handshake.h"
#include "link/carrier/tcp_options.h"
#include "tls/peer_tls.h"

#include <memory>
#include <optional>
#include <string>

namespace jabberd::link {

class CallOwner {
public:
    struct Failure {
        std::string why;
        bool refused = false; // by configuration or secret
        bool nobody = false;  // listens there
    };

    // Each of the two is the last that is heard of a call, and must not destroy it.
    virtual void answered(std::unique_ptr<FrameStream> stream) = 0; // watched by nothing
    virtual void failed(Failure failure) = 0;

protected:
    ~CallOwner() = default;
};

class Call final : private event::Watched {
public:
    // All is borrowed for life. `patience`: until the peer's kernel answers.
    Call(const TcpPeer &peer, const TcpOptions &options, const std::string &own_name, const tls::PeerTls *tls,
         event::Loop &loop, CallOwner &owner, Duration patience);
    ~Call();
    Call(const Call &) = delete;
    Call &operator=(const Call &) = delete;

    void dial(); // it may fail at once
    void tick(Time now);

private:
    enum class State { Connecting, Greeting, Over };

    void on_ready(std::uint32_t epoll_events) override;
    void connected();
    void greet();
    void write();
    void update_watch();
    void unwatch();
    void fail(std::string why, bool refused = false, bool nobody = false);

    const TcpPeer &peer_;
    const TcpOptions &options_;
    const std::string &own_name_;
    const tls::PeerTls *tls_;
    event::Loop &loop_;
    CallOwner &owner_;

    State state_ = State::Connecting;
    const Time begin_;
    Time deadline_;
    UniqueFd connecting_;
    std::unique_ptr<FrameStream> stream_;
    std::optional<Handshake> handshake_;
    SlotId watch_;
    int watched_fd_ = -1;
    std::uint32_t watched_for_ = 0;
};

} // namespace jabberd::link
