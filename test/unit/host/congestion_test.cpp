// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fake_service.h"
#include "host/routing/inbox.h"
#include "host/trace/trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace jabberd::host {
namespace {

class CongestedService : public testing::Test {
protected:
    CongestedService()
    {
        for (FakeService *fake : {&c2s_, &other_, &sessions_})
            fake->service.start();
        c2s_.on_resume = [this] { ++resumed_; };
        other_.on_resume = [this] { ++other_resumed_; };
    }

    jabberd_delivery send() { return c2s_.deliver(message("foo.com", "x@c2s")); }

    int resumed_ = 0;
    int other_resumed_ = 0;
    Trace trace_;
    Router router_{trace_};
    FakeService c2s_{router_, "c2s", {"c2s"}};
    FakeService other_{router_, "other", {"other"}};
    FakeService sessions_{router_, "sessions", {"foo.com"}};
};

TEST_F(CongestedService, TellsEverySenderUntilItIsReady)
{
    EXPECT_EQ(send(), JABBERD_DELIVERED);
    sessions_.on_packet = [](const jabberd_packet &) { return JABBERD_CONGESTED; };
    EXPECT_EQ(send(), JABBERD_FULL);
    sessions_.on_packet = [](const jabberd_packet &) { return JABBERD_DONE; };
    EXPECT_EQ(other_.deliver(message("foo.com", "x@other")), JABBERD_FULL);
    EXPECT_EQ(sessions_.received().size(), 3u);

    sessions_.ready();
    EXPECT_EQ(resumed_, 1);
    EXPECT_EQ(other_resumed_, 1);
    EXPECT_EQ(send(), JABBERD_DELIVERED);
}

TEST_F(CongestedService, ResumesOnlyThoseWhoWereToldAndOnce)
{
    sessions_.on_packet = [](const jabberd_packet &) { return JABBERD_CONGESTED; };
    send();
    send();
    sessions_.ready();
    sessions_.ready();
    EXPECT_EQ(resumed_, 1);
    EXPECT_EQ(other_resumed_, 0);
}

TEST_F(CongestedService, AReadyThatOvertakesTheAnswerIsNotLost)
{
    sessions_.on_packet = [&](const jabberd_packet &) {
        sessions_.ready(); // another thread of the component was quicker than its handler
        return JABBERD_CONGESTED;
    };
    EXPECT_EQ(send(), JABBERD_DELIVERED);
}

TEST_F(CongestedService, AResumedSenderMaySendAtOnce)
{
    sessions_.on_packet = [](const jabberd_packet &) { return JABBERD_CONGESTED; };
    send();
    sessions_.on_packet = [](const jabberd_packet &) { return JABBERD_DONE; };
    jabberd_delivery delivery = JABBERD_FULL;
    c2s_.on_resume = [&] { delivery = send(); };
    sessions_.ready();
    EXPECT_EQ(delivery, JABBERD_DELIVERED);
}

TEST_F(CongestedService, ADestroyedSenderIsNotResumed)
{
    sessions_.on_packet = [](const jabberd_packet &) { return JABBERD_CONGESTED; };
    send();
    c2s_.service.destroy();
    sessions_.ready();
    EXPECT_EQ(resumed_, 0);
}

struct Counting final : Sender, Receiver {
    void resume(std::string_view) override { ++resumed; }
    void receive(const jabberd_packet &) override { ++received; }
    int resumed = 0;
    int received = 0;
};

TEST(Inbox, IsCongestedFromItsLimitUntilHalfOfItIsGone)
{
    Counting counting;
    const std::string body = "<body>" + std::string(1000, 'x') + "</body>";
    const jabberd_packet packet = message("a", "b", body);
    const std::size_t one = OwnedPacket{packet}.bytes();
    Inbox inbox{counting, JABBERD_SERIALIZED, 4 * one};
    for (int i = 0; i < 4; ++i)
        inbox.deliver(packet);
    EXPECT_FALSE(inbox.congestion().tell(&counting));
    inbox.deliver(packet);
    EXPECT_TRUE(inbox.congestion().tell(&counting));

    inbox.open();
    EXPECT_EQ(counting.received, 5);
    EXPECT_EQ(counting.resumed, 1);
    EXPECT_FALSE(inbox.congestion().tell(&counting));
}

TEST(Inbox, GivesBackWhatStillWaitsWhenItCloses)
{
    Counting counting;
    Inbox inbox{counting, JABBERD_PARALLEL, 1000};
    const jabberd_packet packet = message("a", "b");
    EXPECT_TRUE(inbox.deliver(packet));
    EXPECT_EQ(inbox.close().size(), 1u);
    EXPECT_FALSE(inbox.deliver(packet));
    EXPECT_EQ(counting.received, 0);
}

} // namespace
} // namespace jabberd::host
