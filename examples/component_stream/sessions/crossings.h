// SPDX-License-Identifier: LGPL-2.1-or-later
// The sessions that cross a stream: one end is here, the other at the peer. When the stream is lost each of ours must
// be told here, for the peer cannot.
#pragma once

#include <jabberd/packet.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace jabberd::component_stream {

// By the place of the connection (7@c2s, of 7@c2s/1F): a connection that goes before its login does not say so, but
// the next one with its place replaces it, so there are never more than there have been connections at a time.
class Crossings {
public:
    enum class Way : std::uint8_t { In, Out }; // from the peer, to the peer

    // A packet with sto and sfrom passes.
    void note(const jabberd_packet &packet, Way way);

    struct Crossing {
        std::string connection; // its address
        std::string session;    // the address that its session manager answers to; a bare host: not logged in yet
        bool connection_is_ours = false;
    };

    // All, which are forgotten, told one by one by the 510 that our end of each is to get.
    void end_all(const std::function<void(const jabberd_packet &notice)> &tell);

    std::vector<Crossing> all() const;
    void restore(Crossing crossing);
    std::size_t size() const { return by_place_.size(); }

private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view s) const { return std::hash<std::string_view>{}(s); }
    };
    using ByPlace = std::unordered_map<std::string, Crossing, Hash, std::equal_to<>>;

    Crossing *find(std::string_view connection);

    ByPlace by_place_;
};

} // namespace jabberd::component_stream
