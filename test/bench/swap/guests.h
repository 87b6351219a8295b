// SPDX-License-Identifier: LGPL-2.1-or-later
// Clients that come for one swap: they are on their way in, or out, when it happens; afterwards each gets in, sends
// itself a message and leaves.
#pragma once

#include "swap/client.h"
#include "swap/ready.h"

#include <cstdint>
#include <map>
#include <memory>
#include <string>

namespace jabberd::bench {

class Guests {
public:
    // They use the account "u0", and the numbers from `first` on.
    Guests(std::uint16_t port, unsigned first, unsigned of_each_kind, Ready &ready, Times &times)
        : port_(port), next_(first), of_each_kind_(of_each_kind), ready_(ready), times_(times)
    {
    }

    void on_ready(unsigned number); // also of one who is gone

    void come();              // some to each place where one can wait, and some who will leave
    bool are_waiting() const; // there
    std::string explain() const;
    void begin_swap(); // some leave, some more come
    void end_swap();
    bool are_gone() const { return present_.empty(); }

    unsigned seen() const { return seen_; }
    unsigned lost() const { return lost_; } // disconnected, or not sent what they have sent
    unsigned other_keys() const { return other_keys_; }

private:
    struct Guest {
        std::unique_ptr<Client> client;
        bool goes_at_once = false, has_said_it = false;
    };
    void come(Client::Wait wait, bool goes_at_once);
    void go_on(Guest &guest);

    const std::uint16_t port_;
    unsigned next_;
    const unsigned of_each_kind_;
    Ready &ready_;
    Times &times_;
    std::map<unsigned, Guest> present_;
    bool swapped_ = false;
    unsigned seen_ = 0, lost_ = 0, other_keys_ = 0;
};

} // namespace jabberd::bench
