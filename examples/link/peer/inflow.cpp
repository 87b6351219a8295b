// SPDX-License-Identifier: LGPL-2.1-or-later
#include "link/peer/inflow.h"

#include <algorithm>
#include <utility>

namespace jabberd::link {

namespace {

constexpr std::uint64_t little = 8;            // of a window
constexpr std::uint64_t max_span = UINT32_MAX; // from what was received to what is kept: gaps are told in such numbers

} // namespace

Inflow::Verdict Inflow::receive(const Frame &frame, std::vector<std::string_view> &packets)
{
    packets.clear();
    assembler_.clear();
    lent_.clear();
    heard_ = std::max(heard_, frame.order);
    if (frame.first + frame.count - 1 <= received_)
        return Verdict::Duplicate;
    if (frame.first > received_ + 1)
        return keep(frame);
    bool whole = take(frame.first, frame.pieces, packets);
    while (auto kept = reordered_.take(received_ + 1)) {
        const Reordered::Kept &next = lent_.emplace_back(std::move(*kept));
        whole &= take(next.first, next.pieces, packets);
    }
    return whole ? Verdict::Taken : Verdict::Broken;
}

Inflow::Verdict Inflow::keep(const Frame &frame)
{
    const std::uint64_t last = frame.first + frame.count - 1;
    if (last > granted_.pieces || last - received_ > max_span ||
        received_bytes_ + reordered_.bytes() + frame.pieces.size() > granted_.bytes)
        return Verdict::Beyond;
    return reordered_.keep(frame) ? Verdict::Kept : Verdict::Duplicate;
}

// False: a packet in it was too large.
bool Inflow::take(std::uint64_t first, std::string_view pieces, std::vector<std::string_view> &packets)
{
    bool whole = true;
    std::uint64_t number = first;
    for (PieceReader reader{pieces}; reader.next(); ++number) {
        if (number <= received_)
            continue;
        received_ = number;
        received_bytes_ += reader.size_on_wire();
        std::string_view packet;
        switch (assembler_.add(reader.bytes(), reader.continues(), packet)) {
        case Assembler::Result::Incomplete: break;
        case Assembler::Result::Broken: whole = false; break;
        case Assembler::Result::Complete:
            complete_ = number;
            packets.push_back(packet);
            break;
        }
    }
    return whole;
}

bool Inflow::grant(const Credit &more)
{
    const Credit before = granted_;
    granted_.pieces = std::max(granted_.pieces, received_ + more.pieces);
    granted_.bytes = std::max(granted_.bytes, received_bytes_ + more.bytes);
    return granted_ != before;
}

bool Inflow::extend()
{
    return grant(window_);
}

bool Inflow::extend_a_little()
{
    // One frame at least: less would let nothing pass.
    return grant({std::max<std::uint64_t>(window_.pieces / little, max_pieces),
                  std::max<std::uint64_t>(window_.bytes / little, max_pieces_bytes)});
}

void Inflow::restore(State state)
{
    received_ = state.received;
    received_bytes_ = state.received_bytes;
    taken_ = complete_ = state.taken;
    granted_ = state.granted;
    assembler_.restore(std::move(state.partial));
    extend();
}

} // namespace jabberd::link
