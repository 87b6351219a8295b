// SPDX-License-Identifier: LGPL-2.1-or-later
// The way from the host's threads to a stream: what waits for it, how much that is, and when its senders are held back.
#pragma once

#include "base/owned_packet.h"

#include <jabberd/routes.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

namespace jabberd::component_stream {

// Order is kept: what was pushed is taken, or returned, before anything later is refused.
class Lane {
public:
    // `routes` may be null: then the host knows no congestion of one destination. `names`: those of the stream.
    Lane(const jabberd_host &host, const jabberd_routes *routes, std::string peer, std::vector<std::string> names,
         bool sessions, std::size_t room)
        : host_(host)
        , routes_(routes)
        , peer_(std::move(peer))
        , names_(std::move(names))
        , sessions_(sessions)
        , room_(room)
    {
    }

    const std::string &peer() const { return peer_; } // its address
    const std::vector<std::string> &names() const { return names_; }
    bool sessions() const { return sessions_; }

    // [any thread] No lock is held when the host is told of congestion.
    enum class Taken : std::uint8_t {
        Yes,
        First,  // nothing waited: the loop has to look
        Full,   // twice the room is taken: who sent it does not stop where it is told to
        Closed, // the stream is lost
    };
    Taken push(const jabberd_packet &packet);

    // [loop] What was pushed since.
    std::vector<OwnedPacket> take();

    // [loop] False while there is something to take. Afterwards every push answers Closed.
    bool close();

    // [loop] So many bytes of what was taken do not wait any more: they are written, or returned.
    void release(std::size_t bytes);

    // [loop] Bytes that wait, of a predecessor.
    void restore(std::size_t bytes);

    std::size_t waiting() const { return waiting_.load(std::memory_order_relaxed); }

private:
    void settle();

    const jabberd_host &host_;
    const jabberd_routes *const routes_;
    const std::string peer_;
    const std::vector<std::string> names_;
    const bool sessions_;
    const std::size_t room_; // bytes

    std::atomic<std::size_t> waiting_{0};
    std::atomic<unsigned> settling_{0};
    bool told_ = false; // the host, that it is congested; changed by the thread that settles

    std::mutex mutex_;
    std::vector<OwnedPacket> pushed_;
    bool closed_ = false;
};

} // namespace jabberd::component_stream
