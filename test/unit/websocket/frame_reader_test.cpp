// SPDX-License-Identifier: LGPL-2.1-or-later
// Frames of a client, in any chunking and over successors.
#include "websocket/frame_reader.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

namespace jabberd::websocket {
namespace {

using namespace std::string_literals;
using Kind = FrameReader::Heard::Kind;

constexpr unsigned final_text = 0x81, first_of_text = 0x01, more = 0x00, last = 0x80, ping = 0x89, pong = 0x8A,
                   close = 0x88;

std::string frame(unsigned first, const std::string &payload, const std::string &mask = "\x11\x22\x33\x44")
{
    std::string out{static_cast<char>(first)};
    if (payload.size() < 126)
        out += static_cast<char>(0x80 | payload.size());
    else if (payload.size() < 65536)
        out += "\xFE"s + static_cast<char>(payload.size() >> 8) + static_cast<char>(payload.size());
    else
        out += "\xFF\0\0\0\0"s + static_cast<char>(payload.size() >> 24) + static_cast<char>(payload.size() >> 16) +
               static_cast<char>(payload.size() >> 8) + static_cast<char>(payload.size());
    out += mask;
    for (std::size_t i = 0; i < payload.size(); ++i)
        out += static_cast<char>(payload[i] ^ mask[i % 4]);
    return out;
}

// "[text]" with a bracket for each edge of a message, "ping(…)", "pong", "close 1000", "fault 1002".
std::string heard(std::string bytes, std::size_t chunk = SIZE_MAX, bool swaps = false, std::uint64_t most = 1 << 20)
{
    FrameReader reader;
    std::string all;
    for (std::size_t at = 0; at < bytes.size();) {
        std::string piece = bytes.substr(at, chunk);
        at += piece.size();
        std::span<char> wire = piece;
        while (!wire.empty()) {
            const auto event = reader.next(wire, most);
            switch (event.kind) {
            case Kind::Nothing: break;
            case Kind::Text:
                all.append(event.begins ? "[" : "").append(event.bytes).append(event.ends ? "]" : "");
                break;
            case Kind::Ping: all.append("ping(").append(event.bytes).append(")"); break;
            case Kind::Pong: all += "pong"; break;
            case Kind::Close: return all + "close " + std::to_string(event.code);
            case Kind::Fault: return all + "fault " + std::to_string(event.code);
            }
        }
        if (swaps) {
            handover::ConnectionState state;
            reader.save(state);
            reader = {};
            reader.restore(state);
        }
    }
    return all;
}

TEST(Frames, AreTakenOffInAnyChunkingAndOverSuccessors)
{
    const std::string bytes = frame(first_of_text, "<a>") + frame(ping, "12345") + frame(more, "") +
                              frame(more, "\xC3") + frame(pong, "") + frame(last, "\xA4</a>") +
                              frame(final_text, "<b>" + std::string(300, 'x') + "</b>") + frame(ping, "") +
                              frame(close, "\x03\xE8"s + "bye");
    const std::string expected =
        "[<a>ping(12345)\xC3pong\xA4</a>][<b>" + std::string(300, 'x') + "</b>]ping()close 1000";
    EXPECT_EQ(heard(bytes), expected);
    for (std::size_t chunk = 1; chunk < 40; ++chunk) {
        EXPECT_EQ(heard(bytes, chunk), expected) << chunk;
        EXPECT_EQ(heard(bytes, chunk, true), expected) << chunk;
    }
}

TEST(Frames, HaveAMask)
{
    EXPECT_EQ(heard("\x81\x02<a"s), "fault 1002");
    EXPECT_EQ(heard(frame(final_text, "<abcdefghijklmnopq/>", "\0\0\0\0"s)), "[<abcdefghijklmnopq/>]");
}

TEST(Frames, HaveNoReservedBitAndNoUnknownKind)
{
    for (const unsigned bit : {0x40u, 0x20u, 0x10u})
        EXPECT_EQ(heard(frame(final_text | bit, "a")), "fault 1002");
    for (const unsigned kind : {3u, 4u, 7u, 11u, 15u})
        EXPECT_EQ(heard(frame(0x80 | kind, "a")), "fault 1002");
    EXPECT_EQ(heard(frame(0x82, "a")), "fault 1003") << "binary";
}

TEST(Frames, OfControlAreShortAndWhole)
{
    EXPECT_EQ(heard(frame(ping, std::string(125, 'x'))), "ping(" + std::string(125, 'x') + ")");
    EXPECT_EQ(heard(frame(ping, std::string(126, 'x'))), "fault 1002");
    EXPECT_EQ(heard(frame(0x09, "a")), "fault 1002");
}

TEST(Frames, BelongToMessages)
{
    EXPECT_EQ(heard(frame(last, "a")), "fault 1002") << "nothing was begun";
    EXPECT_EQ(heard(frame(first_of_text, "<a") + frame(final_text, "<b/>")), "[<afault 1002");
    EXPECT_EQ(heard(frame(final_text, "<a/>") + frame(more, "<b/>")), "[<a/>]fault 1002");
}

TEST(Frames, HaveTheirLengthInItsShortestForm)
{
    EXPECT_EQ(heard("\x81\xFE\0\x05"s), "fault 1002");
    EXPECT_EQ(heard("\x81\xFF\0\0\0\0\0\0\xFF\xFF"s), "fault 1002");
    EXPECT_EQ(heard("\x81\xFF\x80\0\0\0\0\0\0\0"s), "fault 1002");
    const std::string large(70000, 'x');
    EXPECT_EQ(heard(frame(final_text, large)), "[" + large + "]");
}

TEST(Frames, OfAMessageThatIsTooLargeAreRefusedBeforeTheyCome)
{
    EXPECT_EQ(heard("\x81\xFF\0\0\0\0\0\x10\0\x01"s), "fault 1009");
    EXPECT_EQ(heard("\x81\xFF\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF"s), "fault 1009");
    EXPECT_EQ(
        heard(frame(first_of_text, std::string(90, 'x')) + frame(more, std::string(11, 'x')), SIZE_MAX, false, 100),
        "[" + std::string(90, 'x') + "fault 1009")
        << "all fragments together";
    EXPECT_EQ(heard(frame(first_of_text, std::string(90, 'x')) + frame(last, std::string(10, 'x')) +
                        frame(final_text, std::string(100, 'x')),
                    7, true, 100),
              "[" + std::string(100, 'x') + "][" + std::string(100, 'x') + "]");
}

TEST(Frames, OfACloseSayAProperReason)
{
    EXPECT_EQ(heard(frame(close, "")), "close 1005");
    EXPECT_EQ(heard(frame(close, "\x03")), "fault 1002");
    for (const unsigned code : {0u, 999u, 1004u, 1005u, 1006u, 1015u, 2999u, 5000u})
        EXPECT_EQ(heard(frame(close, std::string{static_cast<char>(code >> 8), static_cast<char>(code)})), "fault 1002")
            << code;
    EXPECT_EQ(heard(frame(close, "\x0B\xB8"s)), "close 3000");
    EXPECT_EQ(heard(frame(close, "\x03\xE8\xC3"s)), "fault 1007");
}

TEST(Frames, OfASnapshotAreThoseThatBytesLeadTo)
{
    const auto restored = [](const std::string &header, std::uint64_t taken, const std::string &control = "",
                             bool begun = false) {
        handover::ConnectionState state;
        state.frame = header;
        state.frame_taken = taken;
        state.control = control;
        state.message_begun = begun;
        FrameReader reader;
        reader.restore(state);
    };
    const std::string five = "\x81\x85mask"s, five_of_ping = "\x89\x85mask"s;
    EXPECT_NO_THROW(restored("", 0));
    EXPECT_NO_THROW(restored(five, 4));
    EXPECT_NO_THROW(restored(five_of_ping, 2, "ab"));
    EXPECT_THROW(restored(five, 5), std::runtime_error);
    EXPECT_THROW(restored(five.substr(0, 5), 1), std::runtime_error);
    EXPECT_THROW(restored(five + "x", 0), std::runtime_error);
    EXPECT_THROW(restored("\x81", 0, "ab"), std::runtime_error);
    EXPECT_THROW(restored(five_of_ping, 2, "abc"), std::runtime_error);
    EXPECT_THROW(restored("\x81\x05"s, 0), std::runtime_error);
    EXPECT_THROW(restored(five, 0, "", true), std::runtime_error) << "a message inside of another";
    EXPECT_THROW(restored(std::string(1000, '\x81'), 0), std::runtime_error);
}

} // namespace
} // namespace jabberd::websocket
