// SPDX-License-Identifier: LGPL-2.1-or-later
// The stage of a play of resumptions: a session manager, and the loops of a socket manager, which the caller's thread
// turns. The clock is held.
#pragma once

#include "base/unique_fd.h"
#include "connection/shared.h"
#include "workers/worker.h"

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace jabberd::fuzz {

class HeldClock final : public Clock {
public:
    Time now() const override { return now_; }
    void pass(Duration duration) { now_ += duration; }

private:
    Time now_{std::chrono::hours{1}};
};

class ResumptionStage {
public:
    ResumptionStage();

    std::string connection;         // of the session
    std::vector<unsigned> heard;    // numbers of the client's stanzas
    std::vector<unsigned> returned; // of ours, behind the end
    bool ended = false;
    std::string wrong; // "": nothing

    void turn();
    void pass(Duration duration);
    UniqueFd dial(unsigned worker);
    void give(unsigned number); // a stanza for the session
    void be_full(bool full) { full_ = full; }
    void swap(); // a successor takes over

private:
    void begin();
    void take_over(const handover::State &state);
    void receive(const jabberd_packet &packet);
    jabberd_delivery deliver(const jabberd_packet &packet);
    void answer(const jabberd_packet &question);
    void take_error(const jabberd_packet &error);

    HeldClock clock_;
    jabberd_host host_{};
    std::shared_ptr<config::Options> options_ = std::make_shared<config::Options>();
    std::unique_ptr<connection::Shared> shared_;
    std::vector<std::unique_ptr<workers::Worker>> workers_;
    bool full_ = false, was_full_ = false;
};

} // namespace jabberd::fuzz
