// SPDX-License-Identifier: LGPL-2.1-or-later
#include "websocket/frame_reader.h"

#include "base/utf8.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <stdexcept>

namespace jabberd::websocket {

namespace {

using Heard = FrameReader::Heard;
using Kind = Heard::Kind;

constexpr unsigned reserved_bits = 0x70; // of extensions: none is ever agreed on (RFC 6455 §5.2)
constexpr unsigned masked = 0x80, size_bits = 0x7F;
constexpr unsigned size_in_two_bytes = 126, size_in_eight_bytes = 127;
constexpr std::size_t mask_bytes = 4;

Heard fault(std::uint16_t code, std::string_view reason)
{
    return {.kind = Kind::Fault, .bytes = reason, .code = code};
}

Heard protocol_error(std::string_view reason)
{
    return fault(close_code::protocol_error, reason);
}

// Those that a client may send (RFC 6455 §7.4).
bool may_be_sent(std::uint16_t code)
{
    const bool of_the_protocol = code >= 1000 && code <= 1014 && (code < 1004 || code > 1006);
    return of_the_protocol || (code >= 3000 && code <= 4999);
}

} // namespace

std::size_t FrameReader::header_size() const
{
    switch (at(1) & size_bits) {
    case size_in_two_bytes: return 2 + 2 + mask_bytes;
    case size_in_eight_bytes: return 2 + 8 + mask_bytes;
    default: return 2 + mask_bytes;
    }
}

std::uint64_t FrameReader::payload_size() const
{
    const std::size_t end = header_size() - mask_bytes;
    if (end == 2)
        return at(1) & size_bits;
    std::uint64_t size = 0;
    for (std::size_t i = 2; i < end; ++i)
        size = size << 8 | at(i);
    return size;
}

// As soon as it can be known: a client need not send the rest of a frame to be told.
Heard FrameReader::judge_header(std::uint64_t most) const
{
    if (header_.size() == 1)
        return judge_first_byte();
    if (header_.size() == 2 && (at(1) & masked) == 0)
        return protocol_error("A frame of a client must be masked (RFC 6455 §5.1)");
    if (header_.size() == 2 && is_control() && (at(1) & size_bits) > max_control_payload)
        return protocol_error("A control frame has at most 125 bytes (RFC 6455 §5.5)");
    if (header_.size() + mask_bytes == header_size())
        return judge_size(most);
    return {};
}

Heard FrameReader::judge_first_byte() const
{
    if ((at(0) & reserved_bits) != 0)
        return protocol_error("A reserved bit of a frame is set, and no extension was agreed on (RFC 6455 §5.2)");
    if (is_control() && !is_final())
        return protocol_error("A control frame has no fragments (RFC 6455 §5.5)");
    switch (opcode()) {
    case Opcode::Close:
    case Opcode::Ping:
    case Opcode::Pong: return {};
    case Opcode::Text:
        return in_message_ ? protocol_error("A message begins inside of another one (RFC 6455 §5.4)") : Heard{};
    case Opcode::Binary:
        return fault(close_code::unacceptable, "XMPP is in text messages, not in binary ones (RFC 7395 §3.2)");
    case Opcode::Continuation:
        return in_message_ ? Heard{} : protocol_error("A fragment belongs to no message (RFC 6455 §5.4)");
    }
    return protocol_error("A frame is of a kind that is not defined (RFC 6455 §5.2)");
}

Heard FrameReader::judge_size(std::uint64_t most) const
{
    const std::uint64_t size = payload_size();
    const unsigned spelling = at(1) & size_bits;
    if ((spelling == size_in_two_bytes && size < size_in_two_bytes) ||
        (spelling == size_in_eight_bytes && (size <= UINT16_MAX || size > INT64_MAX)))
        return protocol_error("The length of a frame is not in its shortest form (RFC 6455 §5.2)");
    if (!is_control() && (size > most || message_bytes_ > most - size))
        return fault(close_code::too_big, "The message is too large");
    return {};
}

Heard FrameReader::next(std::span<char> &wire, std::uint64_t most)
{
    while (!wire.empty() && !header_complete()) {
        header_ += wire.front();
        wire = wire.subspan(1);
        if (const Heard wrong = judge_header(most); wrong.kind != Kind::Nothing)
            return wrong;
    }
    if (!header_complete())
        return {};
    return is_control() ? take_control(wire) : take_text(wire);
}

// Eight bytes at a time: it is done to every byte of every client.
void FrameReader::unmask(std::span<char> payload) const
{
    std::array<char, 8> mask;
    for (std::size_t i = 0; i < mask.size(); ++i)
        mask[i] = header_[header_.size() - mask_bytes + (taken_ + i) % mask_bytes];
    std::uint64_t eight_of_mask, eight;
    std::memcpy(&eight_of_mask, mask.data(), sizeof eight_of_mask);
    std::size_t i = 0;
    for (; i + sizeof eight <= payload.size(); i += sizeof eight) {
        std::memcpy(&eight, &payload[i], sizeof eight);
        eight ^= eight_of_mask;
        std::memcpy(&payload[i], &eight, sizeof eight);
    }
    for (; i < payload.size(); ++i)
        payload[i] = static_cast<char>(payload[i] ^ mask[i % mask.size()]);
}

Heard FrameReader::take_text(std::span<char> &wire)
{
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(wire.size(), payload_size() - taken_));
    const std::span<char> payload = wire.first(count);
    wire = wire.subspan(count);
    unmask(payload);
    taken_ += count;
    Heard text{.kind = Kind::Text, .bytes = {payload.data(), count}, .begins = message_bytes_ == 0 && count > 0};
    message_bytes_ += count;
    if (taken_ < payload_size())
        return count > 0 ? text : Heard{};
    text.ends = is_final();
    in_message_ = !is_final();
    if (text.ends)
        message_bytes_ = 0;
    frame_ended();
    return text;
}

Heard FrameReader::take_control(std::span<char> &wire)
{
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(wire.size(), payload_size() - taken_));
    const std::span<char> payload = wire.first(count);
    wire = wire.subspan(count);
    unmask(payload);
    if (taken_ == 0)
        control_.clear(); // of the frame before, which was borrowed until now
    taken_ += count;
    control_.append(payload.data(), count);
    return taken_ < payload_size() ? Heard{} : control_frame();
}

Heard FrameReader::control_frame()
{
    const Opcode what = opcode();
    frame_ended();
    switch (what) {
    case Opcode::Ping: return {.kind = Kind::Ping, .bytes = control_};
    case Opcode::Pong: return {.kind = Kind::Pong};
    default: return close_frame();
    }
}

Heard FrameReader::close_frame() const
{
    if (control_.empty())
        return {.kind = Kind::Close, .code = close_code::none};
    if (control_.size() == 1)
        return protocol_error("The code of a Close frame has two bytes (RFC 6455 §5.5.1)");
    const auto code = static_cast<std::uint16_t>(static_cast<unsigned char>(control_[0]) << 8 |
                                                 static_cast<unsigned char>(control_[1]));
    if (!may_be_sent(code))
        return protocol_error("The code of a Close frame is none that may be sent (RFC 6455 §7.4)");
    if (!is_utf8(std::string_view{control_}.substr(2)))
        return fault(close_code::inconsistent, "The reason in a Close frame is not UTF-8 (RFC 6455 §5.5.1)");
    return {.kind = Kind::Close, .code = code};
}

void FrameReader::frame_ended()
{
    header_.clear();
    taken_ = 0;
}

void FrameReader::save(handover::ConnectionState &state) const
{
    state.frame = header_;
    state.frame_taken = taken_;
    if (header_complete() && is_control() && taken_ > 0)
        state.control = control_;
    state.message_begun = in_message_;
    state.message_bytes = message_bytes_;
}

void FrameReader::restore(const handover::ConnectionState &state)
{
    in_message_ = state.message_begun;
    message_bytes_ = 0;
    const auto refuse = [] { throw std::runtime_error{"a frame of a WebSocket that is none"}; };
    if (state.frame.size() > max_header)
        refuse();
    for (const char byte : state.frame) { // as it has come
        if (header_complete())
            refuse();
        header_ += byte;
        if (judge_header(INT64_MAX).kind != Kind::Nothing)
            refuse();
    }
    const bool has_payload = header_complete();
    if (state.frame_taken > 0 && (!has_payload || state.frame_taken >= payload_size()))
        refuse();
    if (state.control.size() != (has_payload && is_control() ? state.frame_taken : 0))
        refuse();
    taken_ = state.frame_taken;
    control_ = state.control;
    message_bytes_ = state.message_bytes;
}

} // namespace jabberd::websocket
