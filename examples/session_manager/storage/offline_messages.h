// SPDX-License-Identifier: LGPL-2.1-or-later
// Messages that wait for a user who has no session, and how much of them there is.
#pragma once

#include "session_manager/storage/database.h"

#include <jabberd/packet.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace jabberd::session_manager {

// How much is stored for one user.
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

// A message that waits; the fields of its packet.
struct OfflineMessage {
    std::int64_t number = 0; // grows in the order of arrival
    std::optional<std::string> sender, recipient, stanza_id, type, lang;
    std::string body;

    jabberd_packet packet() const; // borrows from this
    std::size_t bytes() const;     // what it counts for in a Backlog
    friend bool operator==(const OfflineMessage &, const OfflineMessage &) = default;
};

// Every function throws StorageError. One thread at a time.
class OfflineMessages {
public:
    explicit OfflineMessages(Database &database);
    void add(std::string_view address, const OfflineMessage &message);
    std::vector<OfflineMessage> load(std::string_view address); // in order of arrival
    void remove_through(std::string_view address, std::int64_t number);
    Backlog backlog(std::string_view address);
    std::int64_t count();

private:
    Statement add_, load_, remove_, backlog_, count_all_;
};

} // namespace jabberd::session_manager
