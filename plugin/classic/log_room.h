// SPDX-License-Identifier: LGPL-2.1-or-later
// How much of a log may wait for a server that writes it with calls that block, for as long as nobody reads it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

namespace jabberd::classic {

class LogRoom {
public:
    static constexpr std::size_t max_waiting = 1 << 20;

    struct Lost {
        std::uint64_t lines = 0, records = 0;
        bool any() const { return lines + records > 0; }
        bool operator==(const Lost &) const = default;
    };

    // False: there is none, and it counts as lost in `kind`. Once it was full, half of it has to be free again:
    // otherwise every second line would say what was lost.
    bool take(std::size_t bytes, std::uint64_t Lost::*kind)
    {
        if (waiting_ + bytes > (lost_.any() ? max_waiting / 2 : max_waiting)) {
            ++(lost_.*kind);
            return false;
        }
        waiting_ += bytes;
        return true;
    }

    // What was lost before that which has just got room.
    Lost take_lost() { return std::exchange(lost_, {}); }

    void give(std::size_t bytes) { waiting_ -= bytes; }

private:
    std::size_t waiting_ = 0;
    Lost lost_;
};

} // namespace jabberd::classic
