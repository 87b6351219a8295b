// SPDX-License-Identifier: LGPL-2.1-or-later
#include "link/peer/peer.h"

#include "link/frame/packet_code.h"

#include <algorithm>
#include <utility>

namespace jabberd::link {

namespace {

// Of a ring: from here on its senders are told to wait, and from here on to go on.
constexpr std::size_t congested_at(std::size_t bytes)
{
    return bytes / 4 * 3;
}
constexpr std::size_t ready_at(std::size_t bytes)
{
    return bytes / 4;
}

// Who does not wait although told to is refused at twice its size.
constexpr std::size_t refused_at(std::size_t bytes)
{
    return bytes * 2;
}

} // namespace

Peer::Peer(std::string name, const Self &self, const PeerSettings &settings)
    : name_(std::move(name)), self_(&self), settings_(settings), resend_after_(resend_first), inflow_(settings.window)
{
    draw_incarnation(0);
}

void Peer::set(const PeerSettings &settings)
{
    settings_ = settings;
    inflow_.set_window(settings.window);
    update_congestion();
}

void Peer::draw_incarnation(std::uint64_t above)
{
    mine_ = std::clamp(self_->realtime(), above + 1, std::max(max_incarnation, above + 1));
}

bool Peer::has_room(std::size_t size) const
{
    return size <= max_packet && ring_.bytes() + size <= refused_at(settings_.ring_bytes);
}

Peer::Append Peer::append(const jabberd_packet &packet)
{
    if (!established_)
        return Append::NotThere;
    const std::size_t size = encoded_size(packet);
    if (!has_room(size))
        return Append::Refused;
    ring_.append(packet, size, clock_.now());
    sessions_.note(packet, Side::Here, clock_.now());
    ++counts_.packets_out;
    update_congestion();
    return Append::Taken;
}

void Peer::update_congestion()
{
    if (ring_.bytes() >= congested_at(settings_.ring_bytes))
        congested_ = true;
    if (ring_.bytes() <= ready_at(settings_.ring_bytes))
        congested_ = false;
}

void Peer::receive(const Frame &frame, Outcome &outcome)
{
    if (is_another_process(frame, outcome) || !is_of_now(frame, outcome))
        return;
    acknowledge(frame, outcome);
    if (frame.type == FrameType::Hello)
        take_names(frame, outcome);
    if (frame.type == FrameType::Data)
        take_data(frame, outcome);
}

void Peer::acknowledge(const Frame &frame, Outcome &outcome)
{
    const std::uint64_t before = ring_.received();
    if (!ring_.acknowledge(frame.received, frame.taken, frame.heard)) {
        ++counts_.broken;
        return seldom(outcome, "has acknowledged what it was never sent, ignoring");
    }
    if (ring_.received() != before) {
        progress_ = clock_.now();
        resend_after_ = resend_first;
    }
    credit_.pieces = std::max(credit_.pieces, frame.credit_pieces);
    credit_.bytes = std::max(credit_.bytes, frame.credit_bytes);
    // Other frames do not say what the peer keeps: there would seem to be more lost than is.
    if (frame.type == FrameType::Ack || frame.type == FrameType::Nak)
        counts_.repaired += ring_.repair(frame.gaps, clock_.now());
    update_congestion();
}

void Peer::take_data(const Frame &frame, Outcome &outcome)
{
    if (inflow_.has_gap())
        ack_.at_once(); // it waits to know what became of it
    switch (inflow_.receive(frame, outcome.packets)) {
    case Inflow::Verdict::Broken:
        ++counts_.broken;
        seldom(outcome, "has sent a packet that is larger than any may be, ignoring");
        [[fallthrough]];
    case Inflow::Verdict::Taken:
        counts_.packets_in += outcome.packets.size();
        if (outcome.packets.empty())
            packets_taken(); // a part of one, which may be larger than the window
        return;
    case Inflow::Verdict::Duplicate: ++counts_.duplicates; [[fallthrough]]; // that it has come is not known there
    case Inflow::Verdict::Kept: ack_.at_once(); return;
    case Inflow::Verdict::Beyond: break;
    }
    ++counts_.broken;
    seldom(outcome, "has sent more than it may, ignoring");
}

void Peer::packets_taken()
{
    inflow_.packets_taken();
    if (!held_)
        inflow_.extend();
}

void Peer::hold(bool held)
{
    held_ = held;
    extended_ = clock_.now();
    if (!held)
        inflow_.extend();
}

void Peer::seldom(Outcome &outcome, std::string line)
{
    if (seldom_ != Duration{} && clock_.now() - seldom_ < seldom_every)
        return;
    seldom_ = std::max(clock_.now(), Duration{1});
    outcome.lines.push_back(name_ + " " + std::move(line));
}

void Peer::tick(Time now, Outcome &outcome)
{
    clock_.tick(now);
    const Duration at = clock_.now();
    if (at - hello_time_ >= hello_every && hello_part_ == 0)
        owes_hello_ = true;
    if (ring_.in_flight() && at - progress_ >= resend_after_) {
        resend_after_ = std::min(2 * resend_after_, resend_last);
        progress_ = at;
        counts_.repaired += ring_.probe();
    }
    ack_.tick(inflow_);
    if (held_ && at - extended_ >= trickle_every) {
        extended_ = at;
        inflow_.extend_a_little();
    }
    sessions_.expire(at, login_patience);
    judge(outcome);
}

void Peer::carried(Carried carried)
{
    if (carried == Carried::Up) {
        owes_hello_ = true;
        counts_.repaired += ring_.probe(); // what was on another way is lost with it, perhaps
    }
    carried_ = carried;
}

void Peer::judge(Outcome &outcome)
{
    if (!established_)
        return;
    const Duration silence = clock_.now() - heard_;
    const auto seconds = [](Duration time) {
        return std::to_string(std::chrono::duration_cast<milliseconds>(time).count()) + " ms";
    };
    if (silence >= settings_.patience.silent)
        return give_up("nothing was heard of it for " + seconds(silence), outcome);
    if (carried_ == Carried::NobodyThere && silence >= settings_.patience.absent)
        return give_up("nobody is there, and nothing was heard for " + seconds(silence), outcome);
    const auto oldest = ring_.oldest();
    if (carried_ != Carried::Up && oldest && clock_.now() - *oldest >= settings_.patience.down)
        give_up("there is no way to it, and a packet has waited for " + seconds(clock_.now() - *oldest), outcome);
}

bool Peer::next_frame(Frame &frame)
{
    frame = {};
    frame.sender = self_->name;
    frame.process = self_->process;
    frame.incarnation = mine_;
    frame.known = known_;
    frame.received = inflow_.received();
    frame.taken = inflow_.taken();
    frame.heard = inflow_.heard();
    frame.credit_pieces = inflow_.granted().pieces;
    frame.credit_bytes = inflow_.granted().bytes;
    if (owes_hello_ || hello_part_ != 0)
        return next_hello(frame);
    if (!established_)
        return false;
    const bool owes = ack_.is_due(inflow_, settings_.window), nak = owes && inflow_.has_gap(),
               in_flight = ring_.in_flight();
    const Batch *batch = nak ? nullptr : ring_.next(credit_, clock_.now());
    if (batch == nullptr && !owes)
        return false;
    frame.type = nak ? FrameType::Nak : FrameType::Ack;
    if (nak)
        frame.gaps = inflow_.gaps();
    if (batch != nullptr) {
        frame.type = FrameType::Data;
        frame.order = batch->order;
        frame.first = batch->first;
        frame.count = batch->count;
        frame.pieces = batch->pieces;
        if (!in_flight)
            progress_ = clock_.now();
    }
    ack_.told(inflow_);
    return true;
}

Peer::Status Peer::status() const
{
    const auto oldest = ring_.oldest();
    const std::uint64_t sent = ring_.taken() + ring_.pieces_in_flight();
    return {established_,
            carried_,
            mine_,
            known_,
            ring_.pieces_in_flight(),
            credit_.pieces > sent ? credit_.pieces - sent : 0,
            ring_.taken(),
            ring_.bytes(),
            sessions_.size(),
            clock_.now() - since_,
            oldest ? clock_.now() - *oldest : Duration{},
            counts_};
}

} // namespace jabberd::link
