// SPDX-License-Identifier: LGPL-2.1-or-later
#include "link/frame/frame.h"

#include "link/frame/bytes.h"

#include <algorithm>
#include <array>

namespace jabberd::link {

namespace {

constexpr std::string_view magic = "JLK2";

// Of every frame, in this order, between what is known of the name and the name.
constexpr std::array numbers{&Frame::process, &Frame::incarnation, &Frame::known,         &Frame::received,
                             &Frame::taken,   &Frame::heard,       &Frame::credit_pieces, &Frame::credit_bytes};

constexpr std::size_t max_names_bytes = 30'000;

std::string_view read_hello(ByteReader &reader, Frame &frame)
{
    frame.names_version = reader.number<std::uint64_t>();
    frame.names_seen = reader.number<std::uint64_t>();
    frame.part = reader.number<std::uint16_t>();
    frame.parts = reader.number<std::uint16_t>();
    const auto count = reader.number<std::uint16_t>();
    if (frame.parts > max_parts || (frame.parts != 0 && frame.part >= frame.parts) || (frame.parts == 0 && count != 0))
        return "a HELLO with a part that is none";
    for (std::uint16_t i = 0; i < count && !reader.failed(); ++i) {
        frame.names.push_back(reader.take(reader.number<std::uint16_t>()));
        if (frame.names.back().empty() || frame.names.back().size() > max_host_name)
            return "a name that is none";
    }
    return {};
}

std::string_view read_data(ByteReader &reader, Frame &frame)
{
    frame.order = reader.number<std::uint64_t>();
    frame.first = reader.number<std::uint64_t>();
    frame.count = reader.number<std::uint32_t>();
    frame.pieces = reader.take(reader.rest().size());
    if (frame.count == 0 || frame.count > max_pieces || frame.first == 0 || frame.first > max_incarnation ||
        frame.order == 0 || frame.order > max_incarnation)
        return "DATA with numbers that cannot be";
    std::uint32_t count = 0;
    PieceReader pieces{frame.pieces};
    while (pieces.next())
        ++count;
    return count == frame.count && pieces.at_end() ? std::string_view{} : "DATA with pieces that are cut";
}

std::string_view read_gaps(ByteReader &reader, Frame &frame)
{
    const auto count = reader.number<std::uint16_t>();
    if (count == 0 || count > max_gaps)
        return "a NAK without gaps, or with too many";
    for (std::uint16_t i = 0; i < count; ++i) {
        const auto missing = reader.number<std::uint32_t>(), there = reader.number<std::uint32_t>();
        if (missing == 0 || there == 0)
            return "a NAK with a gap that is none";
        frame.gaps.push_back({missing, there});
    }
    return {};
}

} // namespace

bool is_process_name(std::string_view name)
{
    const auto allowed = [](char c) {
        return static_cast<unsigned char>(c) > ' ' && static_cast<unsigned char>(c) < 0x7F;
    };
    return !name.empty() && name.size() <= max_name && std::ranges::all_of(name, allowed);
}

void write_frame(const Frame &frame, std::string &out)
{
    out.append(magic);
    store(out, static_cast<std::uint8_t>(frame.type));
    store(out, std::uint8_t{0});
    store(out, static_cast<std::uint16_t>(frame.sender.size()));
    for (std::uint64_t Frame::*number : numbers)
        store(out, frame.*number);
    out.append(frame.sender);
    if (frame.type == FrameType::Hello) {
        store(out, frame.names_version);
        store(out, frame.names_seen);
        store(out, frame.part);
        store(out, frame.parts);
        store(out, static_cast<std::uint16_t>(frame.names.size()));
        for (const std::string_view name : frame.names) {
            store(out, static_cast<std::uint16_t>(name.size()));
            out.append(name);
        }
    }
    if (frame.type == FrameType::Data) {
        store(out, frame.order);
        store(out, frame.first);
        store(out, frame.count);
        out.append(frame.pieces);
    }
    if (frame.type == FrameType::Nak) {
        store(out, static_cast<std::uint16_t>(frame.gaps.size()));
        for (const Gap &gap : frame.gaps) {
            store(out, gap.missing);
            store(out, gap.there);
        }
    }
}

std::size_t names_fit(const std::vector<std::string> &names, std::size_t begin)
{
    std::size_t bytes = 0, count = 0;
    for (std::size_t i = begin; i < names.size(); ++i, ++count) {
        bytes += sizeof(std::uint16_t) + names[i].size();
        if (bytes > max_names_bytes)
            break;
    }
    return count;
}

std::string_view read_frame(std::string_view bytes, Frame &frame)
{
    if (bytes.size() > max_frame)
        return "a frame that is too long";
    ByteReader reader{bytes};
    if (reader.take(magic.size()) != magic)
        return "no frame of this protocol";
    const auto type = reader.number<std::uint8_t>();
    reader.number<std::uint8_t>();
    const auto name_size = reader.number<std::uint16_t>();
    for (std::uint64_t Frame::*number : numbers)
        frame.*number = reader.number<std::uint64_t>();
    frame.sender = reader.take(name_size);
    if (frame.sender.empty() || frame.sender.size() > max_name)
        return "a frame without a sender";
    if (frame.process == 0 || frame.incarnation == 0 || frame.incarnation > max_incarnation ||
        frame.known > max_incarnation || frame.taken > frame.received)
        return "a frame with numbers that cannot be";
    frame.names.clear();
    frame.gaps.clear();
    std::string_view wrong;
    switch (type) {
    case static_cast<std::uint8_t>(FrameType::Hello): wrong = read_hello(reader, frame); break;
    case static_cast<std::uint8_t>(FrameType::Data): wrong = read_data(reader, frame); break;
    case static_cast<std::uint8_t>(FrameType::Ack): break;
    case static_cast<std::uint8_t>(FrameType::Nak): wrong = read_gaps(reader, frame); break;
    default: return "a frame of an unknown type";
    }
    frame.type = static_cast<FrameType>(type);
    if (!wrong.empty())
        return wrong;
    return reader.at_end() ? std::string_view{} : "a frame that is cut, or longer than what is in it";
}

std::string_view frame_sender(std::string_view bytes)
{
    ByteReader reader{bytes};
    if (reader.take(magic.size()) != magic)
        return {};
    reader.number<std::uint16_t>();
    const auto size = reader.number<std::uint16_t>();
    reader.take(numbers.size() * sizeof(std::uint64_t));
    return reader.take(size);
}

bool PieceReader::next()
{
    ByteReader reader{rest_};
    const auto head = reader.number<std::uint16_t>();
    goes_on_ = (head & goes_on) != 0;
    bytes_ = reader.take(head & ~goes_on);
    if (reader.failed() || bytes_.empty() || bytes_.size() > max_piece)
        return false;
    rest_ = reader.rest();
    return true;
}

} // namespace jabberd::link
