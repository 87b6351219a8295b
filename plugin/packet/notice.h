// SPDX-License-Identifier: LGPL-2.1-or-later
// The 510 "Disconnected" notice: made, read, and undone. (The socket manager README, "the 510 error".)
#pragma once

#include <jabberd/packet.h>

#include <optional>
#include <string>
#include <string_view>

namespace jabberd::session {

inline constexpr std::string_view disconnected = "Disconnected";
inline constexpr std::string_view configuration_error = "Server Configuration Error"; // nobody of that name
inline constexpr std::string_view delivery_error = "Server Delivery Error";           // a handler that failed

// Whether the packet holds <error code='510'/> as a child of its own. One that seems to, but cannot be read, is taken
// for one: returned, it might travel for ever.
bool is_disconnected(const jabberd_packet &packet);

// The bare notice that a session has ended: no to, no from. The views stay borrowed from the arguments.
jabberd_packet disconnected_notice(std::string_view sto, std::string_view sfrom);

// How a session ended, where its 510 says so (include/jabberd/session.h, "The end").
struct End {
    std::string_view condition; // of a stream error
    std::string_view text;
};

// The bare notice with an <end/>. Borrows sto and sfrom.
class EndNotice {
public:
    EndNotice(std::string_view sto, std::string_view sfrom, const End &end);
    EndNotice(const EndNotice &) = delete;
    EndNotice &operator=(const EndNotice &) = delete;

    const jabberd_packet &packet() const { return packet_; }

private:
    std::string body_;
    jabberd_packet packet_;
};

// What a 510 says of its reason.
struct Reason {
    std::string text;                    // of <error/>
    std::string end_condition, end_text; // of <end/>; "": there is none
};
Reason reason_of(const jabberd_packet &notice);

// A session packet that could not be delivered, on its way back: sto and sfrom swapped, type='error', the old type
// hidden in <error code='510' type='…'>; to, from, id and children as they were. Borrows from the original, which must
// outlive it.
class ReturnedPacket {
public:
    ReturnedPacket(const jabberd_packet &original, std::string_view reason);
    ReturnedPacket(const ReturnedPacket &) = delete;
    ReturnedPacket &operator=(const ReturnedPacket &) = delete;

    const jabberd_packet &packet() const { return packet_; }

private:
    std::string body_;
    jabberd_packet packet_;
};

// A message on its way back to its author, as an error (RFC 6120 §8.3): to and from swapped, no session. Borrows from
// the original, which must outlive it.
class Bounce {
public:
    explicit Bounce(const jabberd_packet &original);
    Bounce(const Bounce &) = delete;
    Bounce &operator=(const Bounce &) = delete;

    const jabberd_packet &packet() const { return packet_; }

private:
    std::string body_;
    jabberd_packet packet_;
};

// What a returned packet was before: its old type (absent: it had none) and its children without the 510. Nothing when
// it hides no packet: a bare notice, or not a 510.
struct HiddenPacket {
    std::optional<std::string> type;
    std::string body;
};
std::optional<HiddenPacket> hidden_packet(const jabberd_packet &returned);

} // namespace jabberd::session
