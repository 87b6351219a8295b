// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/friends.h"

#include <gtest/gtest.h>

namespace jabberd::test {

Friends::Friends(std::uint16_t port, const std::string &names)
    : one_(port, names + "-one"), other_(port, names + "-other"), thread_([this] { chat(); })
{
}

void Friends::stop()
{
    stopping_ = true;
    if (!thread_.joinable())
        return;
    thread_.join();
    EXPECT_EQ(complaint_, "") << "in round " << rounds_;
    EXPECT_GT(rounds_, 0u);
}

void Friends::expect_chat() const
{
    constexpr std::uint64_t few = 5;
    const std::uint64_t before = rounds_;
    const auto deadline = soon();
    while (rounds_ < before + few && Clock::now() < deadline)
        std::this_thread::yield();
    EXPECT_GE(rounds_, before + few);
}

void Friends::chat()
{
    const auto say = [this](User &speaker, User &listener, const std::string &body) {
        speaker.say(listener.address(), body);
        const auto heard = listener.hear();
        if (!heard)
            complaint_ =
                "\"" + body + "\" did not arrive; received at last: " +
                listener.client().received().substr(listener.client().received().size() -
                                                    std::min<std::size_t>(500, listener.client().received().size()));
        else if (*heard != User::Message{speaker.address(), body})
            complaint_ = "instead of \"" + body + "\" came \"" + heard->body + "\" from " + heard->from;
        return complaint_.empty();
    };
    while (!stopping_) {
        const std::string number = std::to_string(rounds_);
        if (!say(one_, other_, number) || !say(other_, one_, number + " heard"))
            return;
        ++rounds_;
    }
}

} // namespace jabberd::test
