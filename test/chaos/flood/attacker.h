// SPDX-License-Identifier: LGPL-2.1-or-later
// One hostile connection: it logs in, if its kind does, and then says as much as the server takes.
#pragma once

#include "base/unique_fd.h"
#include "flood/kind.h"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace jabberd::chaos {

class Attacker {
public:
    // To 127.0.0.1, or FLOOD_TO, from 127.1.0.<address>, or as far behind FLOOD_FROM: limits count addresses. Does not
    // block. An account is named after both numbers.
    Attacker(const Kind &kind, std::uint16_t port, unsigned address, unsigned number);

    int fd() const { return fd_.get(); }
    bool wants_to_write() const { return !out_.empty(); }
    bool wants_to_read() const { return kind_.reads || step_ != Step::Harm; }

    void on_writable();
    void on_readable();
    void go_on(); // has more to say, if there is room

    bool ended() const { return !fd_; }
    bool logged_in() const { return step_ == Step::Harm; }
    bool answered() const { return answered_; }           // to what it had to say
    const std::string &last_words() const { return in_; } // the end of what the server said

    // What became of it: the condition of its stream error, or the code of its last error; "login" when it was let in,
    // "" when it was told nothing.
    std::string told() const;
    std::chrono::steady_clock::time_point begun_at() const { return begin_; }
    std::chrono::steady_clock::time_point ended_at() const { return end_; } // far away while it has not ended

    std::uint64_t sent() const { return sent_; }
    std::uint64_t received() const { return received_; }

private:
    enum class Step : std::uint8_t { Registration, Login, Features, Harm };

    std::string header() const;
    void answer();
    void log_in();
    void begin_harm();
    void end_by_a_reset() const;
    void reset();
    void end();

    const std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
    std::chrono::steady_clock::time_point end_ = std::chrono::steady_clock::time_point::max();
    const Kind &kind_;
    const Who who_;
    UniqueFd fd_;
    Step step_;
    std::string out_, in_;
    std::size_t written_ = 0; // of out_
    unsigned round_ = 0;
    bool answered_ = false;
    std::uint64_t sent_ = 0, received_ = 0;
};

} // namespace jabberd::chaos
