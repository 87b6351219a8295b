// SPDX-License-Identifier: LGPL-2.1-or-later
// A packet that is made of another one.
#pragma once

#include "base/view.h"

#include <jabberd/packet.h>

#include <string>
#include <utility>

namespace jabberd::packet {

// Its body is its own; what its fields point to is borrowed, and has to outlive it.
class PacketWithBody {
public:
    PacketWithBody(const jabberd_packet &fields, std::string body) : body_(std::move(body)), packet_(fields)
    {
        packet_.body = view(body_);
    }
    PacketWithBody(const PacketWithBody &) = delete;
    PacketWithBody &operator=(const PacketWithBody &) = delete;

    const jabberd_packet &packet() const { return packet_; }

private:
    std::string body_;
    jabberd_packet packet_;
};

// The same packet outside of any session.
inline jabberd_packet without_session(jabberd_packet packet)
{
    packet.sto = packet.sfrom = {};
    return packet;
}

} // namespace jabberd::packet
