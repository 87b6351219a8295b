// SPDX-License-Identifier: LGPL-2.1-or-later
// The connection that we dial, and write to; and where it has gone silent, the one that takes its place.
#pragma once

#include "event/loop.h"
#include "link/carrier/ack_watch.h"
#include "link/carrier/call.h"
#include "link/carrier/carrier.h"
#include "link/carrier/frame_stream.h"
#include "link/carrier/retries.h"
#include "link/carrier/tcp_options.h"

#include <memory>
#include <string>

namespace jabberd::link {

class Dialer final : private event::Watched, private CallOwner {
public:
    // All is borrowed for life.
    Dialer(const TcpPeer &peer, const TcpOptions &options, const std::string &own_name, const tls::PeerTls *tls,
           event::Loop &loop, CarrierEvents &events);
    ~Dialer();
    Dialer(const Dialer &) = delete;
    Dialer &operator=(const Dialer &) = delete;

    void start(); // tells whether it is up, which it is after a swap
    void tick(Time now);
    bool has_room() const;
    void publish(const Frame &frame)
    {
        write_frame(frame, stream_->begin_message());
        stream_->end_message();
    }
    void flush();

    bool up() const { return stream_ != nullptr; }
    std::string describe() const;
    const net::SocketAddress &address() const { return peer_.address; }

    // For a swap; only of one that is up, and in the clear.
    bool can_be_kept() const { return up() && tls_ == nullptr; }
    CarrierState::Connection save() const;
    void relinquish();
    void take_over(const CarrierState::Connection &connection);

private:
    void on_ready(std::uint32_t epoll_events) override;
    void answered(std::unique_ptr<FrameStream> stream) override;
    void failed(CallOwner::Failure failure) override;
    void dial(Time now);
    void read();
    void write();
    void lost(std::string why);
    void pause_refused(const std::string &why);
    void close();
    void update_watch();

    const TcpPeer &peer_;
    const TcpOptions &options_;
    const std::string &own_name_;
    const tls::PeerTls *tls_;
    event::Loop &loop_;
    CarrierEvents &events_;

    std::unique_ptr<FrameStream> stream_;
    AckWatch acks_;
    std::unique_ptr<Call> call_, over_; // the latter is destroyed at the end of the turn
    SlotId watch_;
    int watched_fd_ = -1;
    std::uint32_t watched_for_ = 0;
    Time retry_at_{};
    Retries retries_;
    bool was_full_ = false;
    std::string last_line_;
};

} // namespace jabberd::link
