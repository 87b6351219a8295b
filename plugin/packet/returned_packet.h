// SPDX-License-Identifier: LGPL-2.1-or-later
// What becomes of a packet that could not be delivered.
#pragma once

#include "packet/packet_with_body.h"

#include <string_view>

namespace jabberd::packet {

enum class Undelivered {
    UnknownHost,   // no component answers for that name
    NotTaken,      // the handlers of its component passed, or failed
    Disconnected,  // its connection is gone
    LinkLost,      // there is no way to the server that it was for, and it was not sent
    LinkLostMaybe, // the same, but it was sent, and it is not known whether it has arrived
};

// The text of the 510 that a session packet becomes.
std::string_view text_of(Undelivered why);

// Whether a router may return the packet, or only drop it: an error, a 510 or an answer never goes back, nor does a
// packet without a sender.
bool may_return(const jabberd_packet &packet);

// A packet on its way back to its sender, as an error that holds the children it had. In a session (it has sto) it is a
// 510: sto and sfrom swapped, the old type hidden in <error code='510' type='…'>, to, from and id as they were. Outside
// of one it is a stanza error (RFC 6120 §8.3): to and from swapped, with the code of old for old clients (XEP-0086).
class ReturnedPacket : public PacketWithBody {
public:
    ReturnedPacket(const jabberd_packet &original, Undelivered why);
};

} // namespace jabberd::packet
