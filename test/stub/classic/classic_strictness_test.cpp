// SPDX-License-Identifier: LGPL-2.1-or-later
// Each rule of the classic stub has a fixture that breaks it.
#include "classic_fixture.h"

#include <gmock/gmock.h>

#include <csignal>

namespace jabberd::test {
namespace {

using testing::HasSubstr;
using Flavour = ClassicHost::Flavour;

class ClassicStrictness : public testing::TestWithParam<Flavour> {
protected:
    static ClassicHost::Settings settings(const std::string &fixture)
    {
        return {
            .flavour = GetParam(), .component = classic_fixture(fixture), .sessions = ClassicHost::Sessions::Scripted};
    }

    // Given one packet, it aborts and says so.
    static void expect_refusal(const std::string &fixture, const std::string &words)
    {
        ClassicHost host{settings(fixture)};
        Play{GetParam(), host.sessions()}.say(packet(GetParam(), "7@c2s/a", "alice@localhost/1", "hi"));
        EXPECT_EQ(host.wait(), -SIGABRT);
        EXPECT_THAT(host.output(), HasSubstr("stub: " + words));
    }
};
INSTANTIATE_TEST_SUITE_P(Every, ClassicStrictness, testing::ValuesIn(ClassicHost::flavours),
                         testing::PrintToStringParamName());

TEST_P(ClassicStrictness, PacketThatIsFreedTwice)
{
    expect_refusal("frees_twice", "xmlnode_free() was called for a packet that has been freed");
}

TEST_P(ClassicStrictness, PacketThatIsReadAfterItWasFreed)
{
    expect_refusal("uses_freed", GetParam() >= Flavour::Jabberd16
                                     ? "xmlnode_get_attrib_ns() was called for a packet that has been freed"
                                     : "xmlnode_get_attrib() was called for a packet that has been freed");
}

TEST_P(ClassicStrictness, PacketThatIsFreedAlthoughItWasDelivered)
{
    expect_refusal("frees_delivered", "xmlnode_free() was called for a packet that has been freed");
}

TEST_P(ClassicStrictness, PacketThatIsFreedButNotTaken)
{
    expect_refusal("passes_freed", "a handler answered r_PASS for a packet that it had freed");
}

TEST_P(ClassicStrictness, HandlerThatUnregisters)
{
    expect_refusal("unregisters", "a handler answered r_UNREG");
}

TEST_P(ClassicStrictness, HandlerThatLeavesItsStack)
{
#if CLASSIC_STACKS_ARE_BIG
    GTEST_SKIP() << "stacks are bigger under a sanitizer";
#endif
    expect_refusal("deep_stack", "a handler left the stack of a thread (script reader) that has 65536 bytes");
}

TEST_P(ClassicStrictness, PacketThatLeaks)
{
    ClassicHost host{settings("leaks")};
    Play play{GetParam(), host.sessions()};
    play.say(packet(GetParam(), "7@c2s/a", "alice@localhost/1", "hi"));
    play.expect(packet(GetParam(), "alice@localhost/1", "7@c2s/a", "taken"));
    host.signal(SIGTERM);
    EXPECT_EQ(host.wait(), 1);
    EXPECT_THAT(host.output(), HasSubstr("stub: 1 packets leaked"));
}

// It owns memory as soon as it is made.
TEST_P(ClassicStrictness, ListOfNamespacesThatLeaks)
{
    if (GetParam() < Flavour::Jabberd16)
        GTEST_SKIP() << "of 1.6 alone";
    ClassicHost host{settings("leaks_lists")};
    Play play{GetParam(), host.sessions()};
    for (int i = 0; i < 3; ++i) {
        play.say(packet(GetParam(), "7@c2s/a", "alice@localhost/1", "hi"));
        play.expect(packet(GetParam(), "alice@localhost/1", "7@c2s/a", "taken"));
    }
    host.signal(SIGTERM);
    EXPECT_EQ(host.wait(), 1);
    EXPECT_THAT(host.output(), HasSubstr("stub: 2 lists of namespaces leaked"));
}

// 1.1 makes a packet of a line; under what is no address it is lost, and leaks.
TEST_P(ClassicStrictness, LineThatIsLoggedUnderWhatIsNoAddress)
{
    ClassicHost::Settings old = settings("logs_nowhere");
    old.id = "pthsock client to server manager";
    if (GetParam() != Flavour::Jabberd11)
        GTEST_SKIP() << "of 1.1 alone";
    ClassicHost host{old};
    Play play{GetParam(), host.sessions()};
    play.say(packet(GetParam(), "7@c2s/a", "alice@localhost/1", "hi"));
    play.expect(packet(GetParam(), "alice@localhost/1", "7@c2s/a", "taken"));
    host.signal(SIGTERM);
    EXPECT_EQ(host.wait(), 1);
    EXPECT_THAT(host.output(), HasSubstr("stub: leaked: <log type='notice' from='pthsock client to server manager'>"
                                         "a packet has come</log>\nstub: 1 packets leaked"));
}

TEST_P(ClassicStrictness, OtherThreadThatDelivers)
{
    ClassicHost::Settings wrong = settings("foreign_thread");
    wrong.must_start = false;
    ClassicHost host{wrong};
    EXPECT_EQ(host.wait(), -SIGABRT);
    EXPECT_THAT(host.output(), HasSubstr("stub: deliver() was called from an OS thread that is not the host's"));
}

TEST_P(ClassicStrictness, OtherThreadThatWouldTakeTheHostsSignals)
{
    ClassicHost host{settings("open_to_signals")};
    host.signal(SIGTERM);
    EXPECT_EQ(host.wait(), -SIGABRT);
    EXPECT_THAT(host.output(), HasSubstr("stub: an OS thread of the component does not block signal 1"));
}

} // namespace
} // namespace jabberd::test
