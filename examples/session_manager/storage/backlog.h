// SPDX-License-Identifier: LGPL-2.1-or-later
// How much is stored for one user.
#pragma once

#include <cstddef>

namespace jabberd::sessions {

struct Backlog {
    std::size_t messages = 0;
    std::size_t bytes = 0; // about as many as their stanzas have (OfflineMessage::bytes())

    bool empty() const { return messages == 0; }
    void add(std::size_t message_bytes)
    {
        ++messages;
        bytes += message_bytes;
    }
    void remove(std::size_t message_bytes)
    {
        if (messages == 0 || bytes < message_bytes)
            return; // counted anew since: the message was not in it
        --messages;
        bytes -= message_bytes;
    }
};

} // namespace jabberd::sessions
