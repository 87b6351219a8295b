// SPDX-License-Identifier: LGPL-2.1-or-later
// Two peers and the network between them, in a time of its own.
#pragma once

#include "link/frame/frame.h"
#include "link/peer/peer.h"
#include "link/peer/state.h"

#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace jabberd::link::test {

struct Faults {
    double drop = 0, twice = 0;
    unsigned delay_ms = 1, jitter_ms = 0; // jitter reorders
    double late = 0;                      // by late_ms more: behind those that were sent after it
    unsigned late_ms = 30;
    bool cut_to_left = false, cut_to_right = false;
};

// What became of the packets of one end; their ids are numbers that rise.
struct Fate {
    std::vector<std::uint64_t> delivered;
    std::multiset<std::uint64_t> returned, perhaps; // the latter were sent
    std::vector<std::string> given_up, lines;
};

class Network {
public:
    explicit Network(std::uint32_t seed, const PeerSettings &settings = default_settings());
    static PeerSettings default_settings();

    static constexpr int left = 0, right = 1;

    Faults faults;
    PeerSettings settings;

    bool send(int end, std::size_t body = 10); // the next packet of this end; false: it was not taken
    bool send(int end, const jabberd_packet &packet) { return peer(end).append(packet) == Peer::Append::Taken; }
    void run(unsigned ms);                            // in steps of 10
    void restart(int end, std::int64_t clock_ms = 0); // its process ends, and another one begins, its clock changed
    void stop(int end, bool stopped) { stopped_[end] = stopped; }
    void swap(int end); // through its State
    void carried(int end, Carried carried) { peer(end).carried(carried); }
    void hold(int end, bool held) { peer(end).hold(held); }

    Peer &peer(int end) { return *peers_[end]; }
    const Fate &fate(int end) const { return fates_[end]; } // of what `end` sent
    std::uint64_t sent(int end) const { return next_[end] - 1; }
    std::uint64_t lost_with(int end) const { return lost_[end]; }  // sent by a process that ended, up to here
    std::uint64_t dropped(int end) const { return dropped_[end]; } // DATA frames of this end
    std::uint64_t answers(int end) const { return answers_[end]; } // ACK and NAK frames of this end
    bool converged();
    std::string explain() const;
    void give_up(int end);

private:
    struct Flying {
        int to;
        std::string bytes;
    };
    void begin(int end);
    void receive(int end, const std::string &bytes);
    void note(int end, Outcome &outcome);
    void flush(int end);
    bool chance(double p) { return std::uniform_real_distribution<>{0, 1}(random_) < p; }

    std::mt19937 random_;
    Time now_{std::chrono::hours{1}};
    std::uint64_t realtime_us_ = 1'000'000'000;
    std::int64_t clock_shift_us_[2] = {0, 0};
    Self selves_[2];
    std::unique_ptr<Peer> peers_[2];
    bool stopped_[2] = {false, false};
    std::multimap<Time, Flying> flying_;
    std::uint64_t next_[2] = {1, 1}, lost_[2] = {0, 0}, dropped_[2] = {0, 0}, answers_[2] = {0, 0};
    Fate fates_[2];
};

} // namespace jabberd::link::test
