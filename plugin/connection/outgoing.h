// SPDX-License-Identifier: LGPL-2.1-or-later
// The half of a connection that writes: what a client is still to be sent, and whether it reads it.
#pragma once

#include "base/clock.h"
#include "config/options.h"
#include "connection/counters.h"
#include "connection/management.h"
#include "connection/socket.h"
#include "handover/state.h"
#include "net/out_queue.h"
#include "net/queue_pool.h"
#include "stream/framing.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

namespace jabberd::connection {

// While nothing is unwritten it owns no queue.
class Outgoing {
public:
    // The framing is borrowed for life, the pool of queues by each call the same.
    Outgoing(const stream::Framing &framing, Time now) : framing_(&framing), last_write_(now) {}

    // Another framing, while nothing that is queued is a stanza.
    void use(const stream::Framing &framing) { framing_ = &framing; }

    // As a value, and from it.
    void save(handover::ConnectionState &state) const;
    void restore(net::QueuePool &queues, const handover::ConnectionState &state);

    // Queued. What is not a stanza is not wanted back when the client is lost.
    void header(net::QueuePool &queues, const xml::StreamHeader &header, std::string_view from,
                std::string_view stream_id);
    void element(net::QueuePool &queues, std::string_view xml);
    // A stanza, without its sto and sfrom; where the stream is managed, it is noted there.
    void stanza(net::QueuePool &queues, const jabberd_packet &packet, std::string_view sfrom,
                Management *management = nullptr, const config::StreamManagement &limits = {});
    // What another connection has not brought to the client: stanzas, and questions between them.
    void again(net::QueuePool &queues, const net::OutQueue &stanzas);
    void ask_written(std::string_view sfrom); // not while empty(): take_answers() when it has come to be written
    void close(net::QueuePool &queues);
    void keepalive(net::QueuePool &queues);
    void unframed(net::QueuePool &queues, std::string_view bytes); // what is no part of the stream

    bool empty() const { return queue_ == nullptr; }
    bool has_stanzas() const { return queue_ && queue_->stanzas() > 0; }
    std::size_t size() const { return queue_ ? queue_->size() : 0; }

    // How many of ask_written() have come true since the last call.
    unsigned take_answers() { return std::exchange(answers_, 0); }

    // Writes what is queued, or of much some, for others want to write, too. After Blocked, not before Socket::ready().
    enum class Written { All, Some, Blocked, Lost };
    Written write(Socket &socket, net::QueuePool &queues, Counters &counters, Time now);

    std::size_t held_bytes() const { return queue_ ? queue_->held_bytes() : 0; } // memory that it takes

    // Whether a client that is behind with reading may not be sent more, all clients together making us hold `memory`
    // bytes.
    bool too_far_behind(const config::Limits &limits, std::size_t memory) const;

    // Whether the client must show that it reads; from the call of expect_progress() on that says so; whether it has.
    bool over_budget(const Socket &socket, const config::Limits &limits) const;
    bool expect_progress(const Socket &socket, const config::Limits &limits);
    bool has_progressed(int fd) const;

    // Every stanza that is not wholly written, and the questions between them, out of the framing; they are no longer
    // here. Where it is known what the client has not acknowledged, `sent` is that: the last ones of it are those that
    // are not written either. Null: there are none.
    std::unique_ptr<net::OutQueue> take_stanzas(const net::OutQueue *sent);
    void forget() { queue_.reset(); }

    Time last_write() const { return last_write_; }
    void touch(Time now) { last_write_ = now; }
    std::uint64_t bytes() const { return bytes_; }
    std::uint64_t stanzas() const { return stanzas_; }

private:
    net::OutQueue &queue(net::QueuePool &queues);
    void note_progress(int fd);
    template <typename Append>
    void append(net::QueuePool &queues, const Append &append);

    const stream::Framing *framing_;
    std::unique_ptr<net::OutQueue> queue_;
    Time last_write_;
    std::uint64_t bytes_ = 0, stanzas_ = 0;
    std::uint64_t written_before_ = 0; // when progress was noted
    std::size_t unacknowledged_before_ = 0;
    unsigned answers_ = 0;
};

} // namespace jabberd::connection
