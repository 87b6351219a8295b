// SPDX-License-Identifier: LGPL-2.1-or-later
// The turn of an event loop, shared out among the network addresses whose clients have something to do in it.
#pragma once

#include "base/clock.h"
#include "net/address_share.h"

#include <cstdint>

namespace jabberd::connection {

// Whoever needs more than a slice waits for the next turn, and those who wait have a part of it together. So somebody
// who has only a few words to say waits for that part, and not for all that a thousand others have sent. An address has
// less than all of that part, and a client less than its address: neighbours have their slices, too. Belongs to one
// loop.
class Turn {
public:
    Turn(const Clock &clock, unsigned loop) : clock_(clock), loop_(loop) {}

    void begin()
    {
        ++number_;
        waiting_until_ = clock_.now() + of_those_who_wait;
    }

    // Whether there is time left for those who have waited for this turn.
    bool has_time_for_waiting() const { return clock_.now() < waiting_until_; }

    // Whether clients of that address may do something now.
    bool has_time(net::AddressShare &address) const { return time_of(address).used < of_an_address; }

    // While a client of that address has the loop.
    class Slice {
    public:
        Slice(Turn &turn, net::AddressShare &address) : turn_(turn), address_(address), outer_(turn.slice_)
        {
            turn_.slice_ = this;
        }
        ~Slice()
        {
            turn_.slice_ = outer_;
            turn_.time_of(address_).used += turn_.clock_.now() - begin_;
        }
        Slice(const Slice &) = delete;
        Slice &operator=(const Slice &) = delete;

    private:
        friend class Turn;

        Turn &turn_;
        net::AddressShare &address_;
        const Slice *const outer_;
        const Time begin_ = turn_.clock_.now();
    };

    // Whether the client that has the loop has had enough of this turn.
    bool is_over() const { return slice_ != nullptr && clock_.now() - slice_->begin_ >= of_a_client; }

private:
    // A stanza takes some 10 µs: a client that has said a few things is through at once.
    static constexpr Duration of_a_client = std::chrono::microseconds{250};
    static constexpr Duration of_an_address = 2 * of_a_client;
    static constexpr Duration of_those_who_wait = 2 * of_an_address;

    net::TurnTime &time_of(net::AddressShare &address) const
    {
        net::TurnTime &time = address.turns[loop_];
        if (time.turn != number_)
            time = {number_, {}};
        return time;
    }

    const Clock &clock_;
    const unsigned loop_;
    std::uint64_t number_ = 1;
    Time waiting_until_{};
    const Slice *slice_ = nullptr;
};

} // namespace jabberd::connection
