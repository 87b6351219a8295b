// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pulse.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace jabberd::chaos {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds between_rounds{20};

// Longer than any attack: a friend that waits so long has been cut off.
constexpr std::chrono::seconds patience{120};

// What `user` hears from `from`; whatever others say is passed over.
std::string hear(test::User &user, const std::string &from)
{
    while (const auto message = user.hear(Clock::now() + patience)) {
        if (message->from == from)
            return message->body;
    }
    return "nothing: " + user.client().received().substr(0, 200);
}

} // namespace

Pulse::Pulse(std::uint16_t port) : one_(port, "friend-one"), two_(port, "friend-two"), thread_([this] { beat(); })
{
}

void Pulse::beat()
{
    for (unsigned round = 0; !stopping_; ++round) {
        const std::string said = std::to_string(round);
        const auto begin = Clock::now();
        one_.say(two_.address(), said);
        const std::string heard = hear(two_, one_.address());
        two_.say(one_.address(), heard);
        const std::string answer = hear(one_, two_.address());
        const double ms = std::chrono::duration<double, std::milli>{Clock::now() - begin}.count();
        {
            const std::lock_guard lock{mutex_};
            if (answer != said) {
                complaint_ = "said " + said + ", heard " + heard + ", was answered " + answer;
                return;
            }
            rounds_.push_back(ms);
        }
        std::this_thread::sleep_until(begin + between_rounds);
    }
}

Pulse::Figures Pulse::take()
{
    std::vector<double> rounds;
    {
        const std::lock_guard lock{mutex_};
        rounds.swap(rounds_);
    }
    if (rounds.empty())
        return {};
    std::ranges::sort(rounds);
    return {rounds.size(), rounds[rounds.size() / 2], rounds[rounds.size() * 99 / 100]};
}

std::chrono::milliseconds Pulse::wait_for_a_round_of(double ms)
{
    const auto begin = Clock::now();
    for (std::size_t seen = 0; Clock::now() - begin < patience;) {
        {
            const std::lock_guard lock{mutex_};
            if (!complaint_.empty())
                break;
            if (rounds_.size() > seen && rounds_.back() <= ms)
                break;
            seen = rounds_.size();
        }
        std::this_thread::sleep_for(std::chrono::milliseconds{5});
    }
    return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin);
}

void Pulse::stop()
{
    stopping_ = true;
    if (thread_.joinable())
        thread_.join();
    one_.client().close(); // a server that stops waits for those who do not
    two_.client().close();
    EXPECT_EQ(complaint_, "");
}

} // namespace jabberd::chaos
