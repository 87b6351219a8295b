// SPDX-License-Identifier: LGPL-2.1-or-later
// The frames of a client (RFC 6455 §5), taken off its bytes as they come.
#pragma once

#include "handover/state.h"
#include "websocket/frame.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace jabberd::websocket {

// Holds no message: the bytes of each fragment are given on at once. What it knows between two bytes is a header or a
// part of it, how much of the payload was taken, and of a control frame its payload.
class FrameReader {
public:
    struct Heard {
        enum class Kind : std::uint8_t { Nothing, Text, Ping, Pong, Close, Fault };

        Kind kind = Kind::Nothing; // more bytes are needed
        std::string_view bytes{};  // Text: the next of the message, in the client's own memory, without the mask. Ping:
                                   // its payload. Fault: the reason, which lives as long as the program
        bool begins = false;       // Text: they are the first of their message
        bool ends = false;         // Text: and nothing of it follows
        std::uint16_t code = 0;    // Close: the client's. Fault: ours
    };

    // Takes bytes from the front of `wire`, one at least unless it is empty, up to the first thing that is to be told.
    // A message has at most so many bytes. After a Fault or a Close nothing more is read. Valid until the next call.
    Heard next(std::span<char> &wire, std::uint64_t most);

    // Whether a frame, or a message of several, has begun and not ended.
    bool begun() const { return !header_.empty() || in_message_; }

    // As a value, and from it. Throws std::runtime_error for what no bytes of a client lead to.
    void save(handover::ConnectionState &state) const;
    void restore(const handover::ConnectionState &state);

private:
    std::size_t header_size() const;
    bool header_complete() const { return header_.size() >= 2 && header_.size() == header_size(); }
    unsigned char at(std::size_t i) const { return static_cast<unsigned char>(header_[i]); }
    Opcode opcode() const { return static_cast<Opcode>(at(0) & 0x0F); }
    bool is_control() const { return (at(0) & 0x08) != 0; }
    bool is_final() const { return (at(0) & 0x80) != 0; }
    std::uint64_t payload_size() const;
    Heard judge_header(std::uint64_t most) const;
    Heard judge_first_byte() const;
    Heard judge_size(std::uint64_t most) const;
    void unmask(std::span<char> payload) const;
    Heard take_text(std::span<char> &wire);
    Heard take_control(std::span<char> &wire);
    Heard control_frame();
    Heard close_frame() const;
    void frame_ended();

    std::string header_;              // of the frame that is being read, as far as it has come
    std::uint64_t taken_ = 0;         // of its payload
    std::string control_;             // of a control frame: what was taken
    std::uint64_t message_bytes_ = 0; // of the message, without those of this frame that are still to come
    bool in_message_ = false;         // a frame before this one has begun it, and was not its last
};

} // namespace jabberd::websocket
