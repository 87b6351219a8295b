// SPDX-License-Identifier: LGPL-2.1-or-later
// Stream management (XEP-0198) of one session: what its client and we have of each other's stanzas.
#pragma once

#include "config/options.h"
#include "connection/resumption.h"
#include "handover/state.h"
#include "net/out_queue.h"
#include "net/queue_pool.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

namespace jabberd::connection {

// From <enable/> to the end of the session, over all of its connections. All numbers wrap (§4).
class Management {
public:
    // `taken` stanzas of the client were there before. `resumable_for` 0: what arrives is acknowledged, and that is
    // all.
    Management(std::uint32_t taken, std::chrono::seconds resumable_for);

    // As a value, and from it; `taken` is 0 there.
    void save(handover::ConnectionState &state, std::uint32_t taken) const;
    explicit Management(const handover::ConnectionState &state);

    // How many stanzas of the client have been handled when its session manager has been given `taken` of them. What
    // was said once is not taken back.
    std::uint32_t handled(std::uint32_t taken);

    // The client is sent a stanza.
    void sent(net::QueuePool &queues, std::string_view stanza, std::string_view sfrom,
              const config::StreamManagement &limits);
    std::uint32_t sent_count() const { return sent_; }

    bool may_acknowledge(std::uint32_t h) const { return h - acknowledged_ <= unacknowledged(); }

    // The client has this many. Nothing: it was not sent as many; else how many questions between them are answered.
    std::optional<unsigned> acknowledge(net::QueuePool &queues, std::uint32_t h);

    // Whether the client should be asked what it has, at once or soon. Not while an answer is due.
    bool should_ask_now(const config::StreamManagement &limits) const;
    bool should_ask() const { return !asked_ && unacknowledged() != 0; }
    void asked() { asked_ = true; }
    void begin_again() { asked_ = false; } // on another connection

    // Whether the session can be resumed. One that has too much is not resumable any more, and goes on without what it
    // has kept until then, once that is forgotten.
    bool resumable() const { return resumable_for_.count() > 0 && !too_much_; }
    bool too_much() const { return too_much_; }
    std::chrono::seconds resumable_for() const { return resumable_for_; }
    const ResumptionKey &key() const { return key_; }

    // The stanzas that are not acknowledged, as they were given to sent(), and questions how far it has been written
    // between them. Null: none.
    std::unique_ptr<net::OutQueue> unacknowledged_stanzas;

    void forget();

    std::size_t held_bytes() const { return unacknowledged_stanzas ? unacknowledged_stanzas->held_bytes() : 0; }

private:
    std::uint32_t unacknowledged() const { return sent_ - acknowledged_; }

    ResumptionKey key_{};
    std::chrono::seconds resumable_for_;
    std::uint32_t taken_before_; // not counted
    std::uint32_t reported_ = 0; // to the client
    std::uint32_t sent_ = 0, acknowledged_ = 0;
    bool asked_ = false;
    bool too_much_ = false;
};

} // namespace jabberd::connection
