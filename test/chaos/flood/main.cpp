// SPDX-License-Identifier: LGPL-2.1-or-later
// Hostile clients of one kind, from as many addresses of 127/8 as wanted, for some time, or until all of them are gone
// for good. In the environment: FLOOD_TO, an address in place of 127.0.0.1, FLOOD_FROM, the one before those that they
// come from, and FLOOD_PREVID, the id of a session that is not theirs. Usage: flood KIND PORT
// [ADDRESSES [CONNECTIONS [SECONDS]]]   connections of each address; without arguments: the kinds
#include "flood/attacker.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace jabberd::chaos {
namespace {

using Clock = std::chrono::steady_clock;

// An address may come fifty times in a second; a hundred clients of it that wait for so long do not come more often.
constexpr std::chrono::seconds decent_pause{2};

struct Plan {
    const Kind &kind;
    std::uint16_t port;
    unsigned addresses = 1, connections = 1;
    std::chrono::milliseconds time{5000};
};

class Flood {
public:
    explicit Flood(const Plan &plan) : plan_(plan)
    {
        if (!plan.kind.vanishes)
            grow_to(all());
    }

    void run()
    {
        const auto end = Clock::now() + plan_.time;
        while (Clock::now() < end && !is_over()) {
            if (plan_.kind.vanishes)
                let_more_in();
            turn(std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now()));
        }
    }

    // One line: what it did, what those were told who have ended ("-": nothing) and how long the longest of them took,
    // and the last words of the first of them.
    void report() const
    {
        std::uint64_t sent = gone_sent_, received = gone_received_, logged_in = 0, ended = gone_;
        for (const auto &attacker : attackers_) {
            sent += attacker->sent();
            received += attacker->received();
            logged_in += attacker->logged_in();
            ended += attacker->ended();
        }
        std::string words = last_words_;
        if (words.size() > 300)
            words.erase(0, words.size() - 300);
        std::string told;
        for (const auto &[what, count] : told_)
            told += " " + (what.empty() ? "-" : what) + " x " + std::to_string(count);
        std::printf("sent %llu received %llu logged-in %llu ended %llu told%s longest %lld ms words %s\n",
                    static_cast<unsigned long long>(sent), static_cast<unsigned long long>(received),
                    static_cast<unsigned long long>(logged_in), static_cast<unsigned long long>(ended), told.c_str(),
                    static_cast<long long>(longest_.count()), words.c_str());
    }

private:
    // The addresses take turns.
    std::unique_ptr<Attacker> begin_at(std::size_t place) const
    {
        const auto address = static_cast<unsigned>(1 + place % plan_.addresses);
        return std::make_unique<Attacker>(plan_.kind, plan_.port, address,
                                          static_cast<unsigned>(place / plan_.addresses));
    }

    // All have ended, and none of them comes again.
    bool is_over() const
    {
        return !plan_.kind.comes_again && !plan_.kind.resets && attackers_.size() == all() &&
               std::ranges::all_of(attackers_, &Attacker::ended);
    }

    std::size_t all() const { return std::size_t{plan_.addresses} * plan_.connections; }

    void grow_to(std::size_t count)
    {
        while (attackers_.size() < count)
            attackers_.push_back(begin_at(attackers_.size()));
        buried_.resize(attackers_.size());
    }

    // Few log in at once: it is no flood of logins. Says how many have, a line now and then, for somebody waits for it.
    void let_more_in()
    {
        constexpr std::size_t at_once = 64, now_and_then = 500;
        const auto answered = static_cast<std::size_t>(std::ranges::count_if(attackers_, &Attacker::answered));
        grow_to(std::min(all(), answered + at_once));
        if (answered == answered_ || (answered < all() && answered < answered_ + now_and_then))
            return;
        answered_ = answered;
        std::printf("%zu are answered\n", answered);
        std::fflush(stdout);
    }

    void turn(std::chrono::milliseconds patience)
    {
        polled_.clear();
        for (const auto &attacker : attackers_) {
            const int events = (attacker->wants_to_write() ? POLLOUT : 0) | (attacker->wants_to_read() ? POLLIN : 0);
            polled_.push_back({attacker->ended() ? -1 : attacker->fd(), static_cast<short>(events), 0});
        }
        if (plan_.kind.leaves)
            patience = std::min(patience, std::chrono::milliseconds{100}); // some come again
        poll(polled_.data(), polled_.size(), static_cast<int>(patience.count()));
        for (std::size_t i = 0; i < attackers_.size(); ++i) {
            Attacker &attacker = *attackers_[i];
            if ((polled_[i].revents & POLLOUT) != 0)
                attacker.on_writable();
            if (!attacker.ended() && (polled_[i].revents & (POLLIN | POLLHUP | POLLERR)) != 0)
                attacker.on_readable();
            if (attacker.ended())
                bury(i);
        }
    }

    void bury(std::size_t i)
    {
        if (last_words_.empty())
            last_words_ = attackers_[i]->last_words();
        if (!buried_[i]) {
            ++told_[attackers_[i]->told()];
            longest_ = std::max(longest_, std::chrono::duration_cast<std::chrono::milliseconds>(
                                              attackers_[i]->ended_at() - attackers_[i]->begun_at()));
        }
        buried_[i] = true;
        if ((!plan_.kind.comes_again && !plan_.kind.resets) ||
            (plan_.kind.leaves && Clock::now() < attackers_[i]->ended_at() + decent_pause))
            return;
        gone_sent_ += attackers_[i]->sent();
        gone_received_ += attackers_[i]->received();
        ++gone_;
        buried_[i] = false;
        attackers_[i] = begin_at(i);
    }

    const Plan plan_;
    std::vector<std::unique_ptr<Attacker>> attackers_;
    std::vector<pollfd> polled_;
    std::vector<bool> buried_;
    std::map<std::string, unsigned> told_;
    std::chrono::milliseconds longest_{0};
    std::string last_words_;
    std::size_t answered_ = 0; // those who will vanish
    std::uint64_t gone_ = 0, gone_sent_ = 0, gone_received_ = 0;
};

int usage()
{
    std::puts("flood KIND PORT [ADDRESSES [CONNECTIONS [SECONDS]]]\nconnections of each address; the kinds are:");
    for (const Kind &kind : all_kinds())
        std::printf("  %-18s %s\n", std::string{kind.name}.c_str(), std::string{kind.what}.c_str());
    return 2;
}

int run(int argc, char **argv)
{
    const Kind *const kind = argc > 2 ? kind_called(argv[1]) : nullptr;
    if (kind == nullptr)
        return usage();
    const auto number = [&](int i, double otherwise) { return argc > i ? std::atof(argv[i]) : otherwise; };
    Flood flood{{*kind, static_cast<std::uint16_t>(number(2, 5222)), static_cast<unsigned>(number(3, 1)),
                 static_cast<unsigned>(number(4, 1)),
                 std::chrono::milliseconds{static_cast<long long>(number(5, 5) * 1000)}}};
    flood.run();
    flood.report();
    return 0;
}

} // namespace
} // namespace jabberd::chaos

int main(int argc, char **argv)
{
    try {
        return jabberd::chaos::run(argc, argv);
    } catch (const std::exception &problem) {
        std::fprintf(stderr, "flood: %s\n", problem.what());
        return 1;
    }
}
