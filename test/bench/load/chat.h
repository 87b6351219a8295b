// SPDX-License-Identifier: LGPL-2.1-or-later
// Two clients that talk: whoever gets a message sends one, so that always the same number is on its way.
#pragma once

#include "load/crowd.h"

#include <string>
#include <vector>

namespace jabberd::bench {

class Chat {
public:
    Chat(Crowd &crowd, const Options &options);

    // Until so many messages more have arrived (a window in each pair at least), and none is on its way; returns how
    // many. Throws std::runtime_error when one is missing, twice or out of order.
    unsigned exchange(unsigned messages);

    // The same at the rate of the options: client after client says something, whatever the others have heard.
    unsigned exchange_at_rate(unsigned messages);

private:
    struct Talker {
        std::string before, after; // a message around its number
        unsigned sent = 0, received = 0;
    };
    void say(unsigned number, unsigned count);
    unsigned hear(unsigned number); // how many messages

    Crowd &crowd_;
    const Options &options_;
    std::vector<Talker> talkers_;
};

} // namespace jabberd::bench
