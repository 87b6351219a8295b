// SPDX-License-Identifier: LGPL-2.1-or-later
#include "websocket/frame.h"

#include <algorithm>
#include <cassert>

namespace jabberd::websocket {

namespace {

constexpr unsigned final_fragment = 0x80;
constexpr std::size_t first_of_two_bytes = 126, first_of_eight_bytes = 65536;

void append_big_endian(std::string &out, std::uint64_t number, unsigned bytes)
{
    while (bytes > 0)
        out += static_cast<char>(number >> 8 * --bytes);
}

} // namespace

void append_frame_header(std::string &out, Opcode opcode, std::size_t payload)
{
    out += static_cast<char>(final_fragment | static_cast<unsigned>(opcode));
    if (payload < first_of_two_bytes) {
        out += static_cast<char>(payload);
    } else if (payload < first_of_eight_bytes) {
        out += static_cast<char>(126);
        append_big_endian(out, payload, 2);
    } else {
        out += static_cast<char>(127);
        append_big_endian(out, payload, 8);
    }
}

void append_frame(std::string &out, Opcode opcode, std::string_view payload)
{
    append_frame_header(out, opcode, payload.size());
    out += payload;
}

void append_close_frame(std::string &out, std::uint16_t code)
{
    assert(code != close_code::none);
    append_frame_header(out, Opcode::Close, 2);
    append_big_endian(out, code, 2);
}

std::string_view payload_of(std::string_view frame)
{
    const unsigned spelling = frame.size() < 2 ? 0 : static_cast<unsigned char>(frame[1]);
    const std::size_t header = spelling == 126 ? 4 : spelling == 127 ? 10 : 2;
    return frame.substr(std::min(header, frame.size()));
}

} // namespace jabberd::websocket
