// SPDX-License-Identifier: LGPL-2.1-or-later
// Remembers for a while which sessions of a user got the same message, for a connection may return its copy unwritten.
#pragma once

#include <jabberd/packet.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <string_view>
#include <vector>

namespace jabberd::session_manager {

// Not locked.
class Copies {
public:
    // More than that are not remembered: a copy of the oldest that comes back is then given to the others once more,
    // and none is lost.
    static constexpr std::size_t capacity = 1024;

    // The sessions of these connections get the message.
    void add(const jabberd_packet &message, const std::vector<std::string_view> &connections);

    // A connection has given its copy back. Whether `is_here` says of one of the others, by what hash() makes of its
    // connection, that it still is there: then the message is not lost.
    bool take_back(const jabberd_packet &message, std::string_view connection,
                   const std::function<bool(std::uint64_t)> &is_here);

    static std::uint64_t hash(std::string_view connection) { return std::hash<std::string_view>{}(connection); }

private:
    struct Shared {
        std::uint64_t message; // a hash, as these are
        std::vector<std::uint64_t> connections;
    };
    std::deque<Shared> shared_; // oldest first
};

} // namespace jabberd::session_manager
