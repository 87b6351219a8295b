// SPDX-License-Identifier: LGPL-2.1-or-later
// Our host as a component of Prosody: users of both write to each other.
#include "support/environment.h"
#include "support/linked_host.h"
#include "support/log_file.h"
#include "support/prosody.h"
#include "support/running_host.h"
#include "support/user.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <memory>

namespace jabberd::test {
namespace {

using testing::HasSubstr;

class ComponentOfProsody : public testing::Test {
protected:
    void SetUp() override
    {
        if (environment("PROSODY").empty())
            GTEST_SKIP() << "prosody is not installed";
        // It has the users of theirs.localhost, and a component that is called localhost.
        prosody = std::make_unique<Prosody>(Prosody::Settings{
            .hosts = "VirtualHost 'theirs.localhost'\nComponent 'localhost'\ncomponent_secret = 'shared'",
            .ready = "Activated service 'component' on [127.0.0.1]"});
    }

    RunningHost::Settings settings() const
    {
        return {.services = "<service id='components'><load><component_stream>" +
                            needed_environment("COMPONENT_STREAM") +
                            "</component_stream></load>\n"
                            "<component-stream xmlns='jabber:config:component-stream'><connect><ip>127.0.0.1</ip>"
                            "<port>" +
                            std::to_string(prosody->component_port()) +
                            "</port><secret>shared</secret><host>theirs.localhost</host><to>localhost</to></connect>"
                            "</component-stream></service>\n"};
    }

    static bool wait_for_log(const RunningHost &host, const std::string &part, unsigned times = 1)
    {
        return test::wait_for_log(host.path("log"), part, times);
    }

    void expect_chat(const RunningHost &host, const std::string &name) const
    {
        User ours{host.port(), name}, theirs{prosody->client_port(), name, "test", "theirs.localhost"};
        ours.say(theirs.address(), "hello");
        EXPECT_EQ(theirs.hear(), (User::Message{ours.address(), "hello"}));
        theirs.say(ours.address(), "hello yourself");
        EXPECT_EQ(ours.hear(), (User::Message{theirs.address(), "hello yourself"}));
    }

    static constexpr char open[] = "a component stream is open";
    std::unique_ptr<Prosody> prosody;
};

TEST_F(ComponentOfProsody, HasUsersWhoWriteToThoseOfProsody)
{
    const RunningHost host{settings()};
    ASSERT_TRUE(wait_for_log(host, open));
    expect_chat(host, "ann");
    User ann{host.port(), "ann", "questions"};
    ann.client().send("<message type='chat' id='m' to='nobody@theirs.localhost'><body>hello</body></message>");
    while (const auto event = ann.client().receive()) {
        if (event->text().find("id='m'") == std::string::npos)
            continue;
        EXPECT_THAT(event->text(), HasSubstr("service-unavailable")) << "Prosody's own answer";
        break;
    }
    EXPECT_THAT(ann.client().received(), HasSubstr("id='m'"));
}

TEST_F(ComponentOfProsody, IsBackAfterEitherIsKilled)
{
    RunningHost host{settings()};
    ASSERT_TRUE(wait_for_log(host, open));
    host.pull_the_plug();
    host.start();
    ASSERT_TRUE(wait_for_log(host, open, 2));
    expect_chat(host, "ann");
    prosody->kill();
    ASSERT_TRUE(wait_for_log(host, "a component stream is closed"));
    prosody->start();
    ASSERT_TRUE(wait_for_log(host, open, 3));
    expect_chat(host, "bob");
}

// It keeps the stream of a host that it does not know to be gone, and has no other of that name.
TEST_F(ComponentOfProsody, WaitsForAnOlderOneOfItsName)
{
    RunningHost first{settings()};
    ASSERT_TRUE(wait_for_log(first, open));
    ::kill(first.pid(), SIGSTOP);
    const RunningHost second{settings()};
    EXPECT_TRUE(wait_for_log(second, "conflict: Component already connected"));
    first.pull_the_plug();
    ASSERT_TRUE(wait_for_log(second, open));
    expect_chat(second, "ann");
}

} // namespace
} // namespace jabberd::test
