// SPDX-License-Identifier: LGPL-2.1-or-later
// Pairs of clients that talk, the first of a crowd; the others are idle.
#pragma once

#include "load/crowd.h"
#include "load/percentiles.h"

#include <chrono>
#include <deque>
#include <string>
#include <vector>

namespace jabberd::bench {

class Chat {
public:
    Chat(Crowd &crowd, const Options &options);

    // So many messages, or as many as are begun in the time: whoever gets one sends one, so that always the same number
    // is on its way in each pair (each sends these at least). Returns how many have arrived, which are all; throws
    // std::runtime_error when one is missing, twice or out of order.
    unsigned exchange(unsigned window, unsigned messages, std::chrono::nanoseconds time = std::chrono::hours{1});

    // The same at a rate: client after client says something, whatever the others have heard. A server that is two
    // seconds behind is sent no more, so it may be fewer.
    unsigned exchange_at_rate(unsigned rate, unsigned messages);

    // How long each of the last exchange was on its way.
    std::vector<Time::rep> &times() { return times_; }

private:
    struct Talker {
        std::string before, after; // a message around its number
        unsigned sent = 0, received = 0;
        std::deque<Time::rep> on_their_way; // when they were sent
    };
    void say(unsigned number, unsigned count);
    unsigned hear(unsigned number); // how many messages

    Crowd &crowd_;
    const Options &options_;
    std::vector<Talker> talkers_;
    std::vector<Time::rep> times_;
};

} // namespace jabberd::bench
