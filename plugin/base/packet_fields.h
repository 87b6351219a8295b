// SPDX-License-Identifier: LGPL-2.1-or-later
// Which attribute of an element is which field of a packet.
#pragma once

#include <jabberd/packet.h>

#include <array>
#include <string_view>

namespace jabberd {

struct PacketField {
    std::string_view attribute;
    jabberd_view jabberd_packet::*field;
};

// In the order in which they are written. All other attributes are in jabberd_packet::attributes; the name of the
// element and its children are no attributes.
inline constexpr std::array<PacketField, 8> packet_fields{{
    {"xmlns", &jabberd_packet::xmlns},
    {"to", &jabberd_packet::to},
    {"from", &jabberd_packet::from},
    {"id", &jabberd_packet::id},
    {"type", &jabberd_packet::type},
    {"xml:lang", &jabberd_packet::lang},
    {"sto", &jabberd_packet::sto},
    {"sfrom", &jabberd_packet::sfrom},
}};

} // namespace jabberd
