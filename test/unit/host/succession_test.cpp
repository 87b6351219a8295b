// SPDX-License-Identifier: LGPL-2.1-or-later
// One instance follows another: the order of handover.h, and that no packet is lost, doubled or overtaken.
#include "fake_service.h"
#include "host/swap/succession.h"
#include "host/trace/trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <thread>

namespace jabberd::host {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

jabberd_packet numbered(const std::string &id)
{
    jabberd_packet packet = message("foo.com", "x@c2s");
    packet.id = view(id);
    return packet;
}

class Swap : public testing::TestWithParam<jabberd_thread_model> {
protected:
    Swap()
    {
        for (FakeComponent *fake : {static_cast<FakeComponent *>(&old_), &next_}) {
            const std::string who = fake == &old_ ? "old" : "new";
            fake->on_freeze = [=, this] { return say(who + " freeze"); };
            fake->on_thaw = [=, this] { return say(who + " thaw"); };
            fake->on_commit = [=, this] { say(who + " commit"); };
            fake->on_destroy = [=, this] { say(who + " destroy"); };
            fake->on_packet = [=, this](const jabberd_packet &packet) {
                say(who + " got " + std::string{text(packet.id)});
                return JABBERD_DONE;
            };
        }
        c2s_.service.start();
        old_.service.start();
        // Arrives while nobody can take it.
        old_.on_freeze = [this] {
            say("old freeze");
            send("1");
            send("2");
            return true;
        };
    }
    ~Swap() override
    {
        old_.on_destroy = next_.on_destroy = [] {};
        old_.service.destroy(); // what is current may be next_
    }

    bool say(const std::string &event)
    {
        events_.push_back(event);
        return true;
    }

    jabberd_delivery send(const std::string &id) { return c2s_.deliver(numbered(id)); }

    SwapOutcome swap()
    {
        Mistakes mistakes;
        return succeed(old_.service, next_.component, jabberd_config{}, mistakes);
    }

    std::vector<std::string> events_;
    Trace trace_;
    Router router_{trace_};
    FakeService c2s_{router_, "c2s", {"c2s"}};
    FakeService old_{router_, "sessions", {"foo.com"}, GetParam()};
    FakeComponent next_{JABBERD_PARALLEL};
};

TEST_P(Swap, GoesInTheOrderOfTheHeaderAndDeliversWhatWaited)
{
    send("0");
    const SwapOutcome outcome = swap();
    EXPECT_TRUE(outcome.is_done()) << to_text(outcome);
    send("3");
    EXPECT_THAT(events_, ElementsAre("old got 0", "old freeze", "new thaw", "old commit", "new got 1", "new got 2",
                                     "old destroy", "new got 3"));
    EXPECT_TRUE(next_.was_offered_succession());
    EXPECT_FALSE(next_.is_offered(JABBERD_SUCCESSION));
    EXPECT_FALSE(old_.was_offered_succession());
}

TEST_P(Swap, GoesOnWithTheOldOneWhenItCannotFreeze)
{
    old_.on_freeze = [this] {
        say("old freeze");
        send("1");
        old_.log("a thread is stuck");
        return false;
    };
    const SwapOutcome outcome = swap();
    EXPECT_EQ(outcome.reached, SwapStep::Freeze);
    EXPECT_THAT(to_text(outcome), HasSubstr("(a thread is stuck); the old component goes on"));
    EXPECT_THAT(events_, ElementsAre("old freeze", "new destroy", "old got 1"));
}

TEST_P(Swap, GoesOnWithTheOldOneWhenTheNewOneCannotThaw)
{
    next_.on_thaw = [this] {
        next_.log("a record is unknown");
        return !say("new thaw");
    };
    const SwapOutcome outcome = swap();
    EXPECT_EQ(outcome.reached, SwapStep::Thaw);
    EXPECT_THAT(outcome.notes, ElementsAre("a record is unknown"));
    EXPECT_THAT(events_, ElementsAre("old freeze", "new thaw", "new destroy", "old thaw", "old got 1", "old got 2"));
}

TEST_P(Swap, ReturnsThePacketsWhenTheNewOneDoesNotStart)
{
    next_.starts = false;
    const SwapOutcome outcome = swap();
    EXPECT_TRUE(outcome.is_stopped());
    EXPECT_THAT(events_, ElementsAre("old freeze", "new thaw", "old commit", "old destroy", "new destroy"));
    EXPECT_EQ(old_.service.instance(), nullptr);
    send("3");
    EXPECT_THAT(c2s_.received(), ElementsAre(HasSubstr("id='1'"), HasSubstr("id='2'"), HasSubstr("id='3'")));
    EXPECT_THAT(c2s_.last(), HasSubstr("type='error'"));
}

TEST_P(Swap, GoesOnWithTheOldOneWhenTheNewOneDoesNotReturn)
{
    std::promise<void> released, over;
    next_.on_thaw = [&] {
        released.get_future().wait();
        over.set_value();
        return true;
    };
    const SwapOutcome outcome = swap();
    EXPECT_EQ(outcome.reached, SwapStep::Thaw);
    EXPECT_TRUE(outcome.is_late);
    EXPECT_THAT(to_text(outcome), HasSubstr("did not return within 2000 ms"));
    EXPECT_THAT(events_, ElementsAre("old freeze", "old thaw", "old got 1", "old got 2"));
    released.set_value();
    over.get_future().wait();
    events_.clear();

    FakeComponent third{JABBERD_PARALLEL};
    Mistakes mistakes;
    EXPECT_TRUE(succeed(old_.service, third.component, jabberd_config{}, mistakes).is_done());
    EXPECT_THAT(third.received(), testing::SizeIs(2));
    old_.service.destroy(); // it is the third one's
}

TEST_P(Swap, RefusesOneThatDoesNotAnswerForWhatTheOldOneDid)
{
    next_.registers_in_create = false;
    const SwapOutcome outcome = swap();
    EXPECT_EQ(outcome.reached, SwapStep::Compare);
    EXPECT_THAT(outcome.why, HasSubstr("registers no handler of order"));
    EXPECT_THAT(events_, ElementsAre("new destroy"));
    send("0");
    EXPECT_EQ(events_.back(), "old got 0");
}

TEST_P(Swap, GivesUpWhenAHandlerDoesNotReturn)
{
    std::atomic<bool> inside{false};
    std::atomic<bool> may_return{false};
    old_.on_packet = [&](const jabberd_packet &packet) {
        if (text(packet.id) == "stuck") {
            inside = true;
            inside.notify_all();
            may_return.wait(false);
        }
        return JABBERD_DONE;
    };
    std::thread deliverer{[&] { send("stuck"); }};
    inside.wait(false);
    const SwapOutcome outcome = swap();
    send("later");
    may_return = true;
    may_return.notify_all();
    deliverer.join();
    EXPECT_EQ(outcome.reached, SwapStep::Pause);
    EXPECT_THAT(events_, ElementsAre("new destroy"));
    EXPECT_EQ(old_.received().size(), 2u);
    send("last");
    EXPECT_EQ(old_.received().size(), 3u);
}

TEST_P(Swap, ResumesTheNewOneOnceUnlessItIsStillHeldBack)
{
    int resumed = 0;
    next_.on_resume = [&] { ++resumed; };
    c2s_.on_packet = [](const jabberd_packet &) { return JABBERD_CONGESTED; };
    EXPECT_EQ(old_.deliver(message("c2s", "foo.com")), JABBERD_FULL);
    EXPECT_TRUE(swap().is_done());
    EXPECT_EQ(resumed, 0);
    c2s_.ready();
    EXPECT_EQ(resumed, 1);
}

TEST_P(Swap, ResumesTheNewOneWhenTheCongestionEndsDuringThePause)
{
    int resumed = 0;
    int resumed_old = 0;
    next_.on_resume = [&] { ++resumed; };
    old_.on_resume = [&] { ++resumed_old; };
    c2s_.on_packet = [](const jabberd_packet &) { return JABBERD_CONGESTED; };
    old_.deliver(message("c2s", "foo.com"));
    old_.on_freeze = [this] {
        c2s_.ready();
        return true;
    };
    EXPECT_TRUE(swap().is_done());
    EXPECT_EQ(resumed_old, 0);
    EXPECT_EQ(resumed, 1);
}

TEST_P(Swap, EndsTheCongestionThatTheOldOneAnnounced)
{
    int resumed = 0;
    c2s_.on_resume = [&] { ++resumed; };
    old_.on_packet = [](const jabberd_packet &) { return JABBERD_CONGESTED; };
    EXPECT_EQ(send("0"), JABBERD_FULL);
    EXPECT_TRUE(swap().is_done());
    EXPECT_EQ(resumed, 1);
    EXPECT_EQ(send("3"), JABBERD_DELIVERED);
}

TEST_P(Swap, TellsSendersThatItIsFullAndThatItIsOver)
{
    int resumed = 0;
    c2s_.on_resume = [&] { ++resumed; };
    const std::string body = "<body>" + std::string(1024 * 1024, 'x') + "</body>";
    int sent = 0;
    old_.on_freeze = [&] {
        while (c2s_.deliver(message("foo.com", "x@c2s", body)) == JABBERD_DELIVERED)
            ++sent;
        return true;
    };
    EXPECT_TRUE(swap().is_done());
    EXPECT_EQ(sent, 63); // of 64 MiB
    EXPECT_EQ(next_.received().size(), static_cast<std::size_t>(sent + 1));
    EXPECT_EQ(resumed, 1);
}

TEST_P(Swap, RefusesAnIncompleteHandover)
{
    static const jabberd_handover no_commit{sizeof no_commit, nullptr, nullptr, nullptr};
    jabberd_component component = next_.component;
    component.get_extension = [](jabberd_instance *, const char *) -> const void * { return &no_commit; };
    Mistakes mistakes;
    const SwapOutcome outcome = succeed(old_.service, component, jabberd_config{}, mistakes);
    EXPECT_EQ(outcome.reached, SwapStep::Compare);
    EXPECT_THAT(events_, ElementsAre("new destroy"));
}

INSTANTIATE_TEST_SUITE_P(Succession, Swap, testing::Values(JABBERD_SERIALIZED, JABBERD_PARALLEL),
                         [](const auto &model) {
                             return model.param == JABBERD_SERIALIZED ? "Serialized" : "Parallel";
                         });

} // namespace
} // namespace jabberd::host
