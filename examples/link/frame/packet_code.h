// SPDX-License-Identifier: LGPL-2.1-or-later
// A packet as bytes: which fields it has, and each of them behind its length. Absent is not the same as empty.
#pragma once

#include <jabberd/packet.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace jabberd::link {

//   u16  bit n: it has the field n of the list in packet_code.cpp; bit 15: other attributes
//   each field that it has: u32 length, bytes
//   other attributes: u32 how many; each: u32 length, name, u32 length, value

// Larger ones are not carried.
constexpr std::size_t max_packet = 2u << 20;

std::size_t encoded_size(const jabberd_packet &packet);
void encode(const jabberd_packet &packet, std::size_t size, std::string &out); // appends so many bytes: encoded_size()

// Borrows from the bytes that it was read from. Used again and again: it keeps its memory.
struct DecodedPacket {
    DecodedPacket() = default;
    DecodedPacket(const DecodedPacket &) = delete;
    DecodedPacket &operator=(const DecodedPacket &) = delete;

    jabberd_packet packet{};
    std::vector<jabberd_attribute> attributes;
};

// False: it is no packet, or there is more than one. Then `decoded` is of no use.
bool decode(std::string_view bytes, DecodedPacket &decoded);

} // namespace jabberd::link
