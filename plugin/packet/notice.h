// SPDX-License-Identifier: LGPL-2.1-or-later
// The 510 "Disconnected": the bare notice that a session has ended, and what a returned packet hides
// (include/jabberd/session.h).
#pragma once

#include "packet/packet_with_body.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace jabberd::packet {

// Whether the packet holds <error code='510'/> as a child of its own. One that seems to, but cannot be read, is taken
// for one: returned, it might travel for ever.
bool is_disconnected(const jabberd_packet &packet);

// The bare notice that a session has ended: no to, no from. The views stay borrowed from the arguments.
jabberd_packet disconnected_notice(std::string_view sto, std::string_view sfrom);

// How a session ended, where its session manager says so ("The end" there).
struct EndReason {
    std::string_view condition; // of a stream error
    std::string_view text;
    std::string_view host{}; // see-other-host: where the client is to go
};

// How a connection ended, for a session manager that wants to know.
enum class Ended : std::uint8_t {
    Closed, // the client has closed its stream
    Lost,   // anything else
};

// The bare notice with an <end/>. Borrows sto and sfrom.
class EndNotice : public PacketWithBody {
public:
    EndNotice(std::string_view sto, std::string_view sfrom, const EndReason &reason);
    EndNotice(std::string_view sto, std::string_view sfrom, Ended how);
};

// What a 510 says of its reason.
struct Explanation {
    std::string text;                              // of <error/>
    std::string end_condition, end_text, end_host; // of <end/>; "": there is none
};
Explanation explanation_of(const jabberd_packet &notice);

// What a returned packet was before: its old type (absent: it had none) and its children without the 510. Nothing when
// it hides no packet: a bare notice, or not a 510.
struct HiddenPacket {
    std::optional<std::string> type;
    std::string body;
};
std::optional<HiddenPacket> hidden_packet(const jabberd_packet &returned);

// Appends the 510 that makes a body the one of a returned packet, whose type was `hidden`.
void append_510(std::string &body, jabberd_view hidden, std::string_view reason);

} // namespace jabberd::packet
