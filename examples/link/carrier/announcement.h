// SPDX-License-Identifier: LGPL-2.1-or-later
// What a process says of itself where peers find each other: to all of them, or to one.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace jabberd::link {

// All numbers little-endian.
//
//   char[4] "JLA1"; u8 1: it has the name, 0: it asks for it; u8 0; u16 length of the name
//   u64     its process: drawn at random when it starts
//   u64     for how many milliseconds it has had the name
//   the name
struct Announcement {
    std::string_view name; // borrowed from what was read
    std::uint64_t process = 0;
    std::uint64_t held_ms = 0;
    bool holds = false;
};

void write_announcement(const Announcement &announcement, std::string &out); // appends it

// Whether it is one.
bool read_announcement(std::string_view bytes, Announcement &announcement);

} // namespace jabberd::link
