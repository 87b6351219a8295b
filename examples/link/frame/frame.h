// SPDX-License-Identifier: LGPL-2.1-or-later
// A frame: what one process sends to another at a time, whatever carries it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace jabberd::link {

// All numbers little-endian.
//
//   char[4] "JLK2"; u8 type; u8 0; u16 length of the sender's name
//   u64     the sender's process: drawn at random when it starts
//   u64     the sender's incarnation for this receiver
//   u64     the receiver's incarnation as the sender knows it; 0: it does not
//   u64     the last piece received in order
//   u64     the last piece of the last packet that was taken: all up to it may be forgotten
//   u64     the order of the latest DATA that has come; 0: none has
//   u64     the last piece, u64 the last byte of pieces, that the receiver may send
//   the sender's name
//   HELLO   u64 version of its names; u64 version of the receiver's names that it has;
//           u16 part, u16 of how many (0: without names); u16 how many names; each: u16 length, name
//   DATA    u64 order: this frame's own number, also where it is sent again; u64 number of the first piece; u32 how
//   many; each: u16 length (bit 15: the packet goes on in the next
//           piece), bytes
//   ACK     nothing more: nothing is known to be missing
//   NAK     u16 how many gaps; each: u32 how many pieces are missing, u32 how many behind them are there. The first
//           gap is behind what was received in order

constexpr std::size_t max_frame = 32'768;
constexpr std::size_t max_name = 128;                  // of a process
constexpr std::size_t max_host_name = 1'023;           // as a part of an address
constexpr std::size_t max_pieces_bytes = 32'768 - 512; // of one frame: the rest is for what is before them
constexpr std::size_t max_piece = 16'384;
constexpr std::uint32_t max_pieces = 512; // of one frame
constexpr std::uint64_t max_incarnation = UINT64_MAX / 2;
constexpr std::uint16_t max_parts = 256;
constexpr std::uint16_t max_gaps = 64; // more are told once these are closed
constexpr std::uint16_t goes_on = 1u << 15;

// Of printing ASCII, without spaces.
bool is_process_name(std::string_view name);

enum class FrameType : std::uint8_t { Hello = 1, Data = 2, Ack = 3, Nak = 4 };

struct Gap {
    std::uint32_t missing = 0, there = 0; // pieces

    friend bool operator==(const Gap &, const Gap &) = default;
};

struct Frame {
    FrameType type = FrameType::Ack;
    std::string_view sender;
    std::uint64_t process = 0, incarnation = 0, known = 0;
    std::uint64_t received = 0, taken = 0, heard = 0;
    std::uint64_t credit_pieces = 0, credit_bytes = 0;

    // Of a HELLO.
    std::uint64_t names_version = 0, names_seen = 0;
    std::uint16_t part = 0, parts = 0;
    std::vector<std::string_view> names;

    // Of DATA.
    std::uint64_t order = 0, first = 0;
    std::uint32_t count = 0;
    std::string_view pieces; // as many as `count`, each whole

    std::vector<Gap> gaps; // of a NAK
};

// Appends it. The names of a HELLO must fit (names_fit()), and so must the pieces; a NAK has a gap.
void write_frame(const Frame &frame, std::string &out);

// How many of the names, from `begin` on, have room in one HELLO. At least one has.
std::size_t names_fit(const std::vector<std::string> &names, std::size_t begin);

// "" and the frame, which borrows from the bytes; or what is wrong.
std::string_view read_frame(std::string_view bytes, Frame &frame);

// Who says that it has sent it, of a frame that is read later, or "".
std::string_view frame_sender(std::string_view bytes);

// The pieces of a DATA frame that read_frame() has accepted, or that one was written with.
class PieceReader {
public:
    explicit PieceReader(std::string_view pieces) : rest_(pieces) {}

    bool next(); // false: that was the last, or what follows is none
    std::string_view bytes() const { return bytes_; }
    bool continues() const { return goes_on_; }
    std::size_t size_on_wire() const { return sizeof(std::uint16_t) + bytes_.size(); }
    bool at_end() const { return rest_.empty(); }

private:
    std::string_view rest_, bytes_;
    bool goes_on_ = false;
};

} // namespace jabberd::link
