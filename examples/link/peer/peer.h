// SPDX-License-Identifier: LGPL-2.1-or-later
// One end of a link: the protocol, without sockets, threads or clocks. What it is told and what is to be sent are
// frames.
#pragma once

#include "link/frame/carried.h"
#include "link/frame/frame.h"
#include "link/peer/ack_debt.h"
#include "link/peer/inflow.h"
#include "link/peer/ring.h"
#include "link/peer/sessions.h"
#include "link/peer/timing.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace jabberd::link {

// This process, as its peers know it.
struct Self {
    std::string name;
    std::uint64_t process = 0;               // drawn at random when it starts; a swap keeps it
    std::function<std::uint64_t()> realtime; // microseconds: incarnations are made of it
};

struct PeerSettings {
    Patience patience;
    Credit window;
    std::size_t ring_bytes = 0;
};

// What is left of a peer that was given up.
struct GivenUp {
    std::string why;
    Ring ring;
    Sessions sessions;
};

// What a call brought about. Made anew, or cleared, by the caller.
struct Outcome {
    std::optional<GivenUp> given_up; // before all that follows
    bool established = false;
    bool names_changed = false;            // names() are others
    std::vector<std::string_view> packets; // to be delivered, encoded; borrowed from the frame and the peer
    std::vector<std::string> lines;        // for the log
};

// Not thread-safe: its owner locks. Times are read from a clock of its own, which tick() moves on.
class Peer {
public:
    Peer(std::string name, const Self &self, const PeerSettings &settings); // `self` is borrowed for life

    const std::string &name() const { return name_; }
    bool established() const { return established_; }

    // A packet for the peer. Refused: it is too large, or there is no room.
    enum class Append { Taken, NotThere, Refused };
    Append append(const jabberd_packet &packet);

    // The ring is so full, or so empty again, that its senders should know. As it was told last, in between.
    bool congested() const { return congested_; }

    // The frame is of this peer.
    void receive(const Frame &frame, Outcome &outcome);
    // A packet of it passes on to our host.
    void note_received(const jabberd_packet &packet) { sessions_.note(packet, Side::There, clock_.now()); }
    void packets_taken();

    // The destination of what it sends is congested, or no longer.
    void hold(bool held);

    void tick(Time now, Outcome &outcome);

    void carried(Carried carried); // Up: each time that there is another way

    // Our own names, which it is told.
    void tell_names(const std::vector<std::vector<std::string>> &parts, std::uint64_t version);
    // Its names.
    const std::vector<std::string> &names() const { return names_; }

    // The next frame to be sent, if there is one. Its `pieces` and `names` are borrowed until the next call of
    // anything but append().
    bool next_frame(Frame &frame);

    // By our own decision.
    void give_up(std::string why, Outcome &outcome);

    bool has_session(std::string_view connection) const { return sessions_.has(connection); }

    // For the operator.
    struct Counts {
        std::uint64_t packets_out = 0, packets_in = 0, repaired = 0, duplicates = 0, given_up = 0, stale = 0,
                      broken = 0;
    };
    struct Status {
        bool established;
        Carried carried;
        std::uint64_t mine, known, in_flight, credit, taken;
        std::size_t ring_bytes, sessions;
        Duration since, lag;
        Counts counts;
    };
    Status status() const;

    void set(const PeerSettings &settings);

    // For a swap (state.h).
    struct State;
    State save() const;
    static std::optional<Peer> restore(State state, const Self &self, const PeerSettings &settings);

private:
    bool is_another_process(const Frame &frame, Outcome &outcome);
    bool is_of_now(const Frame &frame, Outcome &outcome);
    void is_stale(const Frame &frame, Outcome &outcome);
    void take_names(const Frame &frame, Outcome &outcome);
    void take_data(const Frame &frame, Outcome &outcome);
    void acknowledge(const Frame &frame, Outcome &outcome);
    void establish(Outcome &outcome);
    void draw_incarnation(std::uint64_t above);
    void update_congestion();
    bool has_room(std::size_t size) const;
    void judge(Outcome &outcome);
    void seldom(Outcome &outcome, std::string line);
    bool next_hello(Frame &frame);

    std::string name_;
    const Self *self_;
    PeerSettings settings_;
    OwnClock clock_;

    std::uint64_t mine_ = 0, known_ = 0; // incarnations
    std::uint64_t process_ = 0;          // the peer's
    bool established_ = false;
    Duration since_{}; // established, or not
    Carried carried_ = Carried::Down;
    Duration heard_{};

    Ring ring_;
    Credit credit_;
    bool congested_ = false;
    Duration progress_{}; // when
    Duration resend_after_;

    Inflow inflow_;
    bool held_ = false;
    Duration extended_{};
    AckDebt ack_; // or a NAK

    Sessions sessions_;

    std::vector<std::string> names_;
    std::uint64_t names_seen_ = 0; // the version of names_
    std::vector<std::vector<std::string>> parts_seen_;
    std::vector<bool> has_part_;
    std::uint64_t parts_version_ = 0;

    std::vector<std::vector<std::string>> own_parts_;
    std::uint64_t own_version_ = 0, own_seen_ = 0; // by the peer
    bool owes_hello_ = true;
    std::size_t hello_part_ = 0; // that is next; 0: a new HELLO begins
    Duration hello_time_{};

    std::vector<std::string_view> hello_names_;
    Duration seldom_{};
    Counts counts_;
};

} // namespace jabberd::link
