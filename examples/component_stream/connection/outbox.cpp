// SPDX-License-Identifier: LGPL-2.1-or-later
#include "component_stream/connection/outbox.h"

#include <algorithm>
#include <utility>

namespace jabberd::component_stream {

namespace {

constexpr std::size_t drop_at = 64 * 1024; // moving bytes to the front is worth it from here on

} // namespace

void Outbox::append(std::string_view bytes)
{
    bytes_ += bytes;
}

void Outbox::append(std::string_view bytes, OwnedPacket packet)
{
    const std::size_t begin = bytes_.size();
    bytes_ += bytes;
    parts_.push_back({begin, bytes_.size(), std::move(packet)});
}

Outbox::Gone Outbox::wrote(std::size_t count)
{
    written_ += count;
    Gone gone;
    while (!parts_.empty() && parts_.front().end <= written_) {
        ++gone.packets;
        gone.bytes += parts_.front().packet.bytes();
        parts_.pop_front();
    }
    if (empty()) {
        bytes_.clear();
        if (bytes_.capacity() > drop_at)
            bytes_.shrink_to_fit();
        written_ = 0;
    } else if (written_ >= drop_at) {
        drop_written();
    }
    return gone;
}

// A packet that was written in part keeps its beginning.
void Outbox::drop_written()
{
    const std::size_t gone = parts_.empty() ? written_ : std::min(written_, parts_.front().begin);
    bytes_.erase(0, gone);
    written_ -= gone;
    for (Part &part : parts_) {
        part.begin -= gone;
        part.end -= gone;
    }
}

std::deque<OwnedPacket> Outbox::take_back()
{
    const bool inside = !parts_.empty() && parts_.front().begin < written_;
    if (!parts_.empty()) {
        bytes_.erase(0, inside ? bytes_.size() : parts_.back().end);
        written_ = 0;
    }
    std::deque<OwnedPacket> packets;
    for (Part &part : parts_)
        packets.push_back(std::move(part.packet));
    parts_.clear();
    return packets;
}

void Outbox::restore(std::string bytes, std::size_t written, std::deque<Part> parts)
{
    bytes_ = std::move(bytes);
    written_ = written;
    parts_ = std::move(parts);
}

} // namespace jabberd::component_stream
