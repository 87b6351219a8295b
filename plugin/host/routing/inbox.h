// SPDX-License-Identifier: LGPL-2.1-or-later
// How packets reach an instance: at once and on the deliverer's thread where that is allowed, otherwise one after the
// other.
#pragma once

#include "base/owned_packet.h"
#include "host/routing/congestion.h"
#include "host/routing/gate.h"

#include <jabberd/component.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>

namespace jabberd::host {

// What is behind an inbox.
class Receiver {
public:
    virtual void receive(const jabberd_packet &packet) = 0;

protected:
    ~Receiver() = default;
};

// Keeps the order of each deliverer. No lock is held while the receiver runs.
//
//   (new) ──── open() ────▶ open ──── close() ────▶ closed
//   packets wait            delivered               refused
//     ▲                       │
//     └─────── pause() ───────┘
class Inbox {
public:
    // Packets wait, copied, while it is not open yet, and, with JABBERD_SERIALIZED, while another one is being
    // received. Beyond `limit` waiting bytes it is congested, until half of that is gone. The bound is a request: what
    // senders deliver all the same waits as well, for a lost packet may be a lost session.
    Inbox(Receiver &receiver, jabberd_thread_model model, std::size_t limit)
        : receiver_(receiver), model_(model), limit_(limit)
    {
    }

    // [any-thread] False: closed, and the packet is still the caller's. The caller may find itself receiving what other
    // threads deliver meanwhile.
    bool deliver(const jabberd_packet &packet);

    // [main] Receives what waited.
    void open();

    // [main] While it is open: from now on packets wait again, as before it was opened; nothing is being received any
    // more. False when something still was at `deadline`; then it stays open. Never from inside the receiver.
    bool pause(std::chrono::steady_clock::time_point deadline);

    // [main] While it is not open.
    void change_model(jabberd_thread_model model) { model_.store(model, std::memory_order_relaxed); }

    // [main] Returns, when nothing is being received any more, what still waited. Never from inside the receiver.
    std::deque<OwnedPacket> close();

    struct Waiting {
        std::size_t packets, bytes;
    };
    Waiting waiting() const; // [any-thread]

    Congestion &congestion() { return congestion_; }
    const Congestion &congestion() const { return congestion_; }

private:
    // What the deliverer of a packet does next.
    enum class Step {
        Receive,         // it is the only one that receives
        ReceiveDirectly, // beside others
        Leave,           // the packet waits
        Refuse,
    };

    bool receive_directly(const jabberd_packet &packet);
    Step next_step(const jabberd_packet &packet);
    void receive_waiting();

    Receiver &receiver_;
    std::atomic<jabberd_thread_model> model_; // changes under pauses only; who reads an older one finds the gate closed
    const std::size_t limit_;
    Congestion congestion_;
    Gate gate_; // open: packets need not wait for each other

    mutable std::mutex mutex_; // for all below
    std::condition_variable idle_;
    bool is_open_ = false;
    bool is_direct_ = false; // gate_ has been opened
    bool is_closed_ = false;
    bool busy_ = false; // a deliverer is receiving, and will receive what waits
    std::deque<OwnedPacket> waiting_;
    std::size_t waiting_bytes_ = 0;
};

} // namespace jabberd::host
