// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fake_service.h"
#include "host/trace/trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace jabberd::host {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

class Claimed : public testing::Test {
protected:
    Claimed()
    {
        for (FakeService *fake : {&c2s_, &sessions_, &link_, &other_link_})
            fake->service.start();
    }

    jabberd_delivery send(const char *sto) { return c2s_.deliver(session_message(sto, "7@c2s/1")); }

    Trace trace_;
    Router router_{trace_};
    FakeService c2s_{router_, "c2s", {"c2s"}};
    FakeService sessions_{router_, "sessions", {"foo.com"}};
    FakeService link_{router_, "link", {"link"}};
    FakeService other_link_{router_, "other-link", {"other-link"}};
};

TEST_F(Claimed, TakesPacketsWithAndWithoutStoUntilItIsGivenUp)
{
    EXPECT_EQ(link_.claim_name("bar.com"), JABBERD_CLAIMED);
    send("bob@BAR.com/r");
    c2s_.deliver(message("bob@bar.com", "alice@foo.com"));
    EXPECT_THAT(link_.received(), SizeIs(2));
    EXPECT_THAT(c2s_.received(), IsEmpty());

    link_.give_up_name("bar.com");
    send("bob@bar.com/r");
    EXPECT_THAT(link_.received(), SizeIs(2));
    EXPECT_THAT(c2s_.last(), HasSubstr("Server Configuration Error"));
}

// Those of a service that owns sessions, and no other's.
TEST_F(Claimed, IsNoDomain)
{
    EXPECT_THAT(c2s_.domains(), IsEmpty());
    router_.add_domains(sessions_.service);
    link_.claim_name("bar.com");
    EXPECT_THAT(c2s_.domains(), ElementsAre("foo.com"));
    EXPECT_THAT(sessions_.domains(), ElementsAre("foo.com"));
}

TEST_F(Claimed, IsClaimedByTheFirst)
{
    EXPECT_EQ(link_.claim_name("bar.com"), JABBERD_CLAIMED);
    EXPECT_EQ(link_.claim_name("Bar.com."), JABBERD_CLAIMED) << "again";
    EXPECT_EQ(other_link_.claim_name("BAR.COM"), JABBERD_NAME_TAKEN);
    other_link_.give_up_name("bar.com");
    send("bob@bar.com/r");
    EXPECT_THAT(link_.received(), SizeIs(1));
}

TEST_F(Claimed, IsNeverANameOfTheConfiguration)
{
    EXPECT_EQ(link_.claim_name("FOO.com"), JABBERD_NAME_TAKEN);
    EXPECT_EQ(link_.claim_name("c2s"), JABBERD_NAME_TAKEN);
    EXPECT_EQ(link_.claim_name("a@b"), JABBERD_NAME_INVALID);
    EXPECT_EQ(link_.claim_name("\xff"), JABBERD_NAME_INVALID);
    send("bob@foo.com/r");
    EXPECT_THAT(sessions_.received(), SizeIs(1));
}

TEST_F(Claimed, IsNoWayBackToItsClaimer)
{
    link_.claim_name("bar.com");
    link_.claim_name("baz.com");
    link_.deliver(session_message("bob@bar.com/r", "7@c2s/1"));
    EXPECT_THAT(link_.received(), IsEmpty());
    EXPECT_THAT(c2s_.last(), HasSubstr("510")) << "it goes back to its sender";
    link_.deliver(session_message("bob@bar.com/r", "7@baz.com/1"));
    EXPECT_THAT(link_.received(), ElementsAre(HasSubstr("sto='7@baz.com/1' sfrom='bob@bar.com/r'")))
        << "wherever that is";
}

TEST_F(Claimed, CanBeEveryOtherName)
{
    EXPECT_EQ(link_.claim_name(""), JABBERD_CLAIMED);
    EXPECT_EQ(other_link_.claim_name(""), JABBERD_NAME_TAKEN);
    other_link_.claim_name("bar.com");
    send("bob@bar.com/r");
    send("bob@elsewhere.org/r");
    c2s_.deliver(message("bob@elsewhere.org", "alice@foo.com"));
    EXPECT_THAT(other_link_.received(), SizeIs(1));
    EXPECT_THAT(link_.received(), SizeIs(2));
}

TEST_F(Claimed, EndsWithItsInstance)
{
    link_.claim_name("bar.com");
    link_.congested("bar.com");
    EXPECT_EQ(send("bob@bar.com/r"), JABBERD_FULL);
    bool resumed = false;
    c2s_.on_resume = [&] { resumed = true; };
    link_.service.destroy();
    EXPECT_TRUE(resumed);
    EXPECT_EQ(other_link_.claim_name("bar.com"), JABBERD_CLAIMED);
}

TEST_F(Claimed, IsCongestedForItselfAlone)
{
    link_.claim_name("bar.com");
    link_.claim_name("baz.com");
    c2s_.has_destinations = true;
    std::vector<std::string> resumed;
    c2s_.on_resume_of = [&](std::string_view name) { resumed.emplace_back(name); };
    link_.on_packet = [&](const jabberd_packet &) {
        link_.congested("BAR.com");
        return JABBERD_DONE;
    };
    EXPECT_EQ(send("bob@bar.com/r"), JABBERD_FULL) << "beginning with the packet whose handler runs";
    EXPECT_EQ(send("bob@baz.com/r"), JABBERD_DELIVERED);
    EXPECT_EQ(send("bob@foo.com/r"), JABBERD_DELIVERED);
    EXPECT_EQ(other_link_.deliver(message("bar.com", "x@other-link")), JABBERD_FULL);
    EXPECT_THAT(resumed, IsEmpty());

    link_.on_packet = [](const jabberd_packet &) { return JABBERD_DONE; };
    link_.ready("bar.com");
    EXPECT_THAT(resumed, ElementsAre("bar.com"));
    EXPECT_EQ(send("bob@bar.com/r"), JABBERD_DELIVERED);
}

TEST_F(Claimed, ResumesAsAWholeWhoKnowsNoDestinations)
{
    link_.claim_name("bar.com");
    link_.congested("bar.com");
    int resumed = 0;
    c2s_.on_resume = [&] { ++resumed; };
    EXPECT_EQ(send("bob@bar.com/r"), JABBERD_FULL);
    link_.ready("bar.com");
    EXPECT_EQ(resumed, 1);
}

TEST_F(Claimed, ResumesWhoWaitsWhenItIsGivenUp)
{
    link_.claim_name("bar.com");
    link_.congested("bar.com");
    int resumed = 0;
    c2s_.on_resume = [&] { ++resumed; };
    EXPECT_EQ(send("bob@bar.com/r"), JABBERD_FULL);
    link_.give_up_name("bar.com");
    EXPECT_EQ(resumed, 1);
}

TEST_F(Claimed, IsSeenAmongTheNames)
{
    int changes = 0;
    c2s_.has_destinations = link_.has_destinations = true;
    c2s_.on_names_changed = [&] { ++changes; };
    link_.on_names_changed = [] { ADD_FAILURE() << "its own"; };
    link_.claim_name("bar.com");
    EXPECT_EQ(changes, 1);
    link_.claim_name("bar.com");
    EXPECT_EQ(changes, 1);
    EXPECT_THAT(c2s_.names(), UnorderedElementsAre("foo.com", "link", "other-link", "bar.com"));
    EXPECT_THAT(link_.names(), UnorderedElementsAre("c2s", "foo.com", "other-link"));
    link_.give_up_name("bar.com");
    EXPECT_EQ(changes, 2);
    EXPECT_THAT(c2s_.names(), UnorderedElementsAre("foo.com", "link", "other-link"));
}

TEST_F(Claimed, ComesAndGoesWhileOthersDeliver)
{
    std::atomic<bool> over{false};
    std::atomic<unsigned> returned{0}, sent{0};
    c2s_.on_packet = [&](const jabberd_packet &) {
        ++returned;
        return JABBERD_DONE;
    };
    std::thread deliverer{[&] {
        while (!over) {
            send("bob@bar.com/r");
            ++sent;
        }
    }};
    for (int i = 0; i < 300; ++i) {
        EXPECT_EQ(link_.claim_name("bar.com"), JABBERD_CLAIMED);
        link_.congested("bar.com");
        std::this_thread::yield();
        link_.give_up_name("bar.com");
    }
    over = true;
    deliverer.join();
    EXPECT_EQ(returned + link_.received().size(), sent);
}

} // namespace
} // namespace jabberd::host
