// SPDX-License-Identifier: LGPL-2.1-or-later
// Which peers answer for which name.
#pragma once

#include "link/congestion.h"
#include "link/peer/peer.h"

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace jabberd::link {

// One peer, and what is around it. Shared by the loop's thread and those that deliver.
struct Link {
    Link(std::string name, const Self &self, const PeerSettings &settings) : peer(std::move(name), self, settings) {}
    explicit Link(Peer restored) : peer(std::move(restored)) {}

    std::mutex mutex; // for what follows, up to the next comment; never held across a call of the host
    Peer peer;
    bool congested = false;                                   // as its names know it
    std::map<std::string, std::shared_ptr<Congestion>> names; // claimed, or shared with another peer; by key
    std::string way;                                          // to it, for the operator
    std::set<std::string> full;                               // keys of names here that take no more for now

    std::atomic<bool> due{true}; // it may have frames to be sent

    std::set<std::string> refused; // [loop] keys of names that could not be claimed: told once

    std::atomic<std::uint64_t> returned{0}, ended{0}; // packets, sessions; for the operator
};

// Never changed once it is published.
class Table {
public:
    struct Entry {
        std::shared_ptr<Congestion> congestion;
        std::vector<std::shared_ptr<Link>> links;
    };

    // Of the peers that answer for the packet's destination the one that gets it: who has its session, or else the same
    // for the same sender as long as they are the same. Null: no peer answers for it. Borrowed from the table.
    Link *pick(const jabberd_packet &packet) const;

    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view key) const { return std::hash<std::string_view>{}(key); }
    };
    using Entries = std::unordered_map<std::string, Entry, Hash, std::equal_to<>>;

    const Entry *find(std::string_view key) const;
    const Entries &entries() const { return entries_; }

    // Copies with one thing changed.
    std::shared_ptr<const Table> with(const std::string &key, const std::shared_ptr<Congestion> &congestion,
                                      const std::shared_ptr<Link> &link) const;
    std::shared_ptr<const Table> without(const std::string &key, const Link &link) const;

private:
    Entries entries_;
};

} // namespace jabberd::link
