// SPDX-License-Identifier: LGPL-2.1-or-later
// Clients that stay for all the swaps, in pairs: most talk, and some are in a state of their own at each swap.
#pragma once

#include "swap/client.h"
#include "swap/options.h"
#include "swap/ready.h"

#include <functional>
#include <memory>
#include <vector>

namespace jabberd::bench {

class Residents {
public:
    Residents(const Options &options, std::uint16_t port, Ready &ready, Times &times);

    unsigned size() const { return options_.clients; }
    void on_ready(unsigned number);

    // Some at a time, until all are in: to be called after each turn.
    void come_in();
    bool are_in() const { return in_ == size(); }

    // Sends what is due now. Starts with the first call.
    void talk();

    // Before a swap: half a stanza, half a character or half a TLS record is sent, and slow readers get more than the
    // kernel's buffers hold. After it: the rest is.
    void begin_swap();
    void end_swap();
    bool is_settled() const; // those have got everything

    // At the end: everybody says something, also who was idle all the time; has come; and leaves.
    void say_last_words();
    bool have_heard_all() const;
    void leave();
    bool have_left() const;

    std::string explain() const; // where one is who is not where he should be
    Mistaken mistaken() const;
    std::uint64_t sent() const;
    unsigned lost() const;       // disconnected
    unsigned other_keys() const; // whose exporter value is another one now

private:
    // Of a pair; in one with a slow reader, the other one is a fast writer.
    enum class Kind { Talks, Idle, HalfStanza, HalfName, HalfCharacter, HalfRecord, Slow };
    struct Half {
        unsigned number;
        std::string rest;
    };
    void assign_kinds();
    void come();
    void begin_half(unsigned number);
    void flood(unsigned number);
    bool has_heard_all(unsigned number) const;
    bool is_any_lost(unsigned number) const;
    unsigned count(const std::function<bool(const Client &)> &which) const;
    Client &partner(unsigned number) const { return *clients_[number ^ 1]; }

    const Options &options_;
    const std::uint16_t port_;
    Ready &ready_;
    Times &times_;
    std::vector<Kind> kinds_; // by pair
    std::vector<std::unique_ptr<Client>> clients_;
    std::vector<bool> was_in_;
    std::vector<unsigned> talkers_;
    std::vector<Half> halves_;
    unsigned in_ = 0;
    std::size_t next_talker_ = 0;
    Time::rep next_due_ = 0;
};

} // namespace jabberd::bench
