// SPDX-License-Identifier: LGPL-2.1-or-later
// Who is at the other end: incarnations, HELLOs and names.
#include "link/peer/peer.h"

#include <utility>

namespace jabberd::link {

// Two processes of one name would make each other's sessions end for ever. The one that was there first stays, while it
// is heard.
bool Peer::is_another_process(const Frame &frame, Outcome &outcome)
{
    if (frame.process == process_ || !established_ || carried_ != Carried::Up ||
        clock_.now() - heard_ >= other_process_after)
        return false;
    seldom(outcome, "is the name of two processes; the one that came later is refused");
    return true;
}

bool Peer::is_of_now(const Frame &frame, Outcome &outcome)
{
    if (frame.incarnation < known_) {
        is_stale(frame, outcome);
        return false;
    }
    heard_ = clock_.now();
    process_ = frame.process;
    if (frame.incarnation > known_) {
        if (established_)
            give_up("it has begun anew", outcome);
        known_ = frame.incarnation;
        inflow_ = Inflow{settings_.window};
        ack_ = {};
        names_seen_ = parts_version_ = 0;
        owes_hello_ = true;
        hello_part_ = 0;
    }
    if (frame.known == mine_) {
        establish(outcome);
        return true;
    }
    owes_hello_ = true;
    // A process whose clock went back begins below what its peers know of it.
    if (frame.type == FrameType::Hello && !established_ && frame.known > mine_) {
        draw_incarnation(frame.known);
        outcome.lines.push_back(name_ + " knows a later incarnation of this process than this: the clock went back");
    }
    return false;
}

void Peer::is_stale(const Frame &frame, Outcome &outcome)
{
    ++counts_.stale;
    owes_hello_ = true;
    seldom(outcome, "has sent a frame of its incarnation " + std::to_string(frame.incarnation) +
                        ", which is before its " + std::to_string(known_) + ", ignoring");
}

void Peer::establish(Outcome &outcome)
{
    if (established_)
        return;
    established_ = true;
    since_ = progress_ = clock_.now();
    resend_after_ = resend_first;
    owes_hello_ = true; // it has not heard that we know it, perhaps
    outcome.established = true;
}

void Peer::give_up(std::string why, Outcome &outcome)
{
    outcome.given_up = GivenUp{std::move(why), std::exchange(ring_, {}), std::exchange(sessions_, {})};
    ++counts_.given_up;
    established_ = false;
    since_ = clock_.now();
    draw_incarnation(mine_);
    credit_ = {};
    congested_ = false;
    inflow_ = Inflow{settings_.window};
    held_ = false;
    ack_ = {};
    names_.clear();
    names_seen_ = parts_version_ = own_seen_ = 0;
    owes_hello_ = true;
    hello_part_ = 0;
}

void Peer::tell_names(const std::vector<std::vector<std::string>> &parts, std::uint64_t version)
{
    own_parts_ = parts;
    own_version_ = version;
    owes_hello_ = true;
    hello_part_ = 0;
}

bool Peer::next_hello(Frame &frame)
{
    frame.type = FrameType::Hello;
    frame.names_version = own_version_;
    frame.names_seen = names_seen_;
    owes_hello_ = false;
    hello_time_ = clock_.now();
    if (!inflow_.has_gap())
        ack_.told(inflow_);
    if (own_version_ == own_seen_)
        return true;
    frame.part = static_cast<std::uint16_t>(hello_part_);
    frame.parts = static_cast<std::uint16_t>(own_parts_.size());
    frame.names.assign(own_parts_[hello_part_].begin(), own_parts_[hello_part_].end());
    hello_part_ = (hello_part_ + 1) % own_parts_.size();
    return true;
}

void Peer::take_names(const Frame &frame, Outcome &outcome)
{
    if (frame.names_seen == own_version_ && own_seen_ != own_version_) {
        own_seen_ = own_version_;
        hello_part_ = 0;
    }
    if (frame.parts == 0 || frame.names_version == names_seen_)
        return;
    if (frame.names_version != parts_version_ || parts_seen_.size() != frame.parts) {
        parts_version_ = frame.names_version;
        parts_seen_.assign(frame.parts, {});
        has_part_.assign(frame.parts, false);
    }
    parts_seen_[frame.part].assign(frame.names.begin(), frame.names.end());
    has_part_[frame.part] = true;
    for (const bool has : has_part_) {
        if (!has)
            return;
    }
    names_.clear();
    for (auto &part : parts_seen_)
        names_.insert(names_.end(), std::make_move_iterator(part.begin()), std::make_move_iterator(part.end()));
    parts_seen_.clear();
    names_seen_ = parts_version_;
    parts_version_ = 0;
    outcome.names_changed = true;
    owes_hello_ = true; // so that it need not repeat them
}

} // namespace jabberd::link
