// SPDX-License-Identifier: LGPL-2.1-or-later
// The frames of a WebSocket (RFC 6455 §5), as a server writes them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace jabberd::websocket {

// RFC 6455 §5.2.
enum class Opcode : std::uint8_t { Continuation = 0, Text = 1, Binary = 2, Close = 8, Ping = 9, Pong = 10 };

// Why a WebSocket is closed (RFC 6455 §7.4.1).
namespace close_code {
inline constexpr std::uint16_t normal = 1000;
inline constexpr std::uint16_t going_away = 1001;
inline constexpr std::uint16_t protocol_error = 1002;
inline constexpr std::uint16_t unacceptable = 1003; // a kind of message
inline constexpr std::uint16_t none = 1005;         // never sent: the Close frame has none
inline constexpr std::uint16_t inconsistent = 1007; // what is in a message is not of its kind
inline constexpr std::uint16_t policy = 1008;
inline constexpr std::uint16_t too_big = 1009;
} // namespace close_code

inline constexpr std::size_t max_control_payload = 125; // RFC 6455 §5.5
inline constexpr std::size_t max_header = 14;           // with the mask of a client

// What stands before a payload of that size. One frame is one message, and a server masks nothing.
void append_frame_header(std::string &out, Opcode opcode, std::size_t payload);

// Whole. The payload of a control frame has at most max_control_payload bytes.
void append_frame(std::string &out, Opcode opcode, std::string_view payload);
void append_close_frame(std::string &out, std::uint16_t code);

// What a frame of append_frame() has inside. Of bytes that are no such frame, as a damaged snapshot may have them:
// nothing, or a part.
std::string_view payload_of(std::string_view frame);

} // namespace jabberd::websocket
