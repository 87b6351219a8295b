// SPDX-License-Identifier: LGPL-2.1-or-later
// What a peer is still to be sent, and which packet each part of it was.
#pragma once

#include "base/owned_packet.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>

namespace jabberd::component_stream {

// In order. A packet whose last byte the kernel has not taken was not sent: it goes back to its sender.
class Outbox {
public:
    // Bytes that return to no sender: of the stream, not of a packet.
    void append(std::string_view bytes);

    // What a packet was written as.
    void append(std::string_view bytes, OwnedPacket packet);

    bool empty() const { return written_ == bytes_.size(); }
    std::size_t size() const { return bytes_.size() - written_; }
    std::size_t packets() const { return parts_.size(); }
    std::string_view unwritten() const { return std::string_view{bytes_}.substr(written_); }

    // The first `count` unwritten bytes are gone. Returns what the packets that are whole now had taken of the queue.
    struct Gone {
        std::size_t packets = 0, bytes = 0;
    };
    Gone wrote(std::size_t count);

    // All packets that were not wholly written, in order. What stays is what was appended behind the last of them, if
    // the peer can read it: not in the middle of a packet.
    std::deque<OwnedPacket> take_back();

    // For a successor: the bytes, of which so many are written, and the packets with their ends in them.
    struct Part {
        std::size_t begin, end; // in bytes()
        OwnedPacket packet;
    };
    const std::string &bytes() const { return bytes_; }
    std::size_t written() const { return written_; }
    const std::deque<Part> &parts() const { return parts_; }
    void restore(std::string bytes, std::size_t written, std::deque<Part> parts);

private:
    void drop_written();

    std::string bytes_;
    std::size_t written_ = 0;
    std::deque<Part> parts_;
};

} // namespace jabberd::component_stream
