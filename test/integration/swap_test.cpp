// SPDX-License-Identifier: LGPL-2.1-or-later
// Components swapped in the real jabberd-host, by the real jabberd-ctl and by SIGHUP.
#include "support/environment.h"
#include "support/process.h"
#include "support/temp_dir.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>

#include <csignal>

namespace jabberd::test {
namespace {

using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::string fixture(const std::string &name)
{
    return environment("FIXTURES") + "/" + name + ".so";
}

// The service "collector" is a fixture that can be handed over. The greeter beside it cannot.
class SwappingHost : public testing::Test {
protected:
    // A new file in the place of the old one, as install(1) does it.
    void install(const std::string &name) const
    {
        std::filesystem::copy_file(fixture(name), dir_.path("new.so"));
        std::filesystem::rename(dir_.path("new.so"), dir_.path("c.so"));
    }

    std::string configure(const std::string &file, const std::string &component = "collector",
                          const std::string &tag = "first") const
    {
        return dir_.write("jabber.xml", "<jabber>\n<service id='collector'>\n<load><" + component + ">" + file + "</" +
                                            component + "></load>\n<collector xmlns='test:collector' tag='" + tag +
                                            "'/></service>\n<service id='greeter'><load><greeter>" +
                                            environment("GREETER") +
                                            "</greeter></load></service>\n<control>control</control>\n</jabber>\n");
    }

    Result ctl(std::vector<std::string> arguments) const
    {
        arguments.insert(arguments.begin(), {environment("JABBERD_CTL"), "--socket", dir_.path("control")});
        return run(arguments);
    }

    // The files of components that the process has in memory.
    static std::string maps_of(const Process &process)
    {
        std::ifstream maps{"/proc/" + std::to_string(process.pid()) + "/maps"};
        return {std::istreambuf_iterator<char>{maps}, {}};
    }

    std::string prepare() const
    {
        install("collector");
        return configure("c.so");
    }

    const TempDir dir_;
    Process process_{{environment("JABBERD_HOST"), "-c", prepare()}};
};

TEST_F(SwappingHost, SwapsWhatTheOperatorNames)
{
    ASSERT_TRUE(process_.wait_for("\nready: 2 services\n"));
    const Result swapped = ctl({"swap", "collector", fixture("parallel_collector")});
    EXPECT_EQ(swapped.status, 0);
    EXPECT_THAT(swapped.output, StartsWith("swapped: collector is now parallel_collector 2.0, " +
                                           fixture("parallel_collector") + "; its packets waited "));
    EXPECT_TRUE(process_.wait_for("collector: swapped from collector 1.0 to parallel_collector 2.0"));
    EXPECT_THAT(maps_of(process_), AllOf(HasSubstr("parallel_collector.so"), Not(HasSubstr("/c.so"))));
    EXPECT_THAT(ctl({"status"}).output, AllOf(ContainsRegex("swapped +1 time, the last pause [0-9]+\\.[0-9] ms"),
                                              HasSubstr("parallel_collector  2.0")));
    EXPECT_THAT(ctl({"status", "--json"}).output, AllOf(HasSubstr("\"swaps\":1"), HasSubstr("\"images_left\":0")));
    // Back to the older one, and again: each is a swap like any other.
    for (int i = 0; i < 2; ++i)
        EXPECT_EQ(ctl({"swap", "collector", dir_.path("c.so")}).status, 0);
    EXPECT_THAT(ctl({"swap", "collector", dir_.path("c.so"), "--json"}).output,
                AllOf(HasSubstr("\"swapped\":true"), HasSubstr("\"pause_us\":")));
    process_.signal(SIGTERM);
    EXPECT_EQ(process_.wait(), 0);
}

TEST_F(SwappingHost, SaysWhyItDidNotSwap)
{
    ASSERT_TRUE(process_.wait_for("\nready"));
    const Result refused = ctl({"swap", "collector", fixture("thaw_fails")});
    EXPECT_EQ(refused.status, 1);
    EXPECT_EQ(refused.output, "jabberd-ctl: not swapped: thaw: the new component could not take over (a record is "
                              "unknown to me); the old component goes on\n");
    EXPECT_THAT(ctl({"status"}).output, AllOf(HasSubstr("last failed swap  20"), HasSubstr(": thaw: ")));
    EXPECT_THAT(ctl({"swap", "collector", fixture("succession_fails")}).output,
                AllOf(HasSubstr("jabber.xml:2: this cannot be inherited"), HasSubstr("not swapped: create: ")));
    EXPECT_THAT(ctl({"swap", "collector", fixture("freeze_fails"), "--json"}).output, HasSubstr("\"swapped\":true"));
    EXPECT_THAT(ctl({"swap", "collector", dir_.path("c.so")}).output, HasSubstr("(a thread of mine is stuck)"));
    EXPECT_THAT(ctl({"swap", "greeter", environment("GREETER")}).output,
                HasSubstr("greeter 1.0, which runs, does not offer jabberd.handover/1; only a restart replaces it"));
    EXPECT_THAT(ctl({"swap", "nobody at all", dir_.path("c.so")}).output,
                HasSubstr("there is no service 'nobody at all'; there are collector, greeter"));
    EXPECT_EQ(ctl({"swap", "collector"}).status, 2);
    EXPECT_EQ(ctl({"stop"}).output, "stopped\n");
    EXPECT_EQ(process_.wait(), 0);
}

TEST_F(SwappingHost, GoesOnAfterABadSuccessor)
{
    ASSERT_TRUE(process_.wait_for("\nready"));
    const std::string fifo = dir_.path("fifo.so");
    ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
    EXPECT_THAT(ctl({"swap", "collector", fifo}).output,
                HasSubstr("fifo.so cannot be read: it is a FIFO; a regular file is needed"));
    EXPECT_THAT(ctl({"swap", "collector", fixture("no_handler")}).output, HasSubstr("registers no handler"));
    EXPECT_THAT(ctl({"swap", "collector", fixture("thaw_hangs")}).output,
                HasSubstr("not swapped: thaw: the new component did not return within 2000 ms"));
    EXPECT_THAT(ctl({"status", "--json"}).output, HasSubstr("\"images_left\":1"));
    EXPECT_EQ(ctl({"swap", "collector", fixture("collector")}).status, 0);
    EXPECT_EQ(ctl({"stop"}).output, "stopped\n");
    EXPECT_EQ(process_.wait(), 0) << "a thread is still in code that exit() would take apart";
}

TEST_F(SwappingHost, GoesOnWithoutAServiceThatDidNotStartAfterItTookOver)
{
    ASSERT_TRUE(process_.wait_for("\nready"));
    EXPECT_THAT(ctl({"swap", "collector", fixture("start_fails_late")}).output,
                AllOf(HasSubstr("no thread could be made"), HasSubstr("the service is stopped")));
    EXPECT_THAT(ctl({"status"}).output, HasSubstr("stopped  "));
    EXPECT_THAT(ctl({"sessions"}).output, HasSubstr("1 session")); // of the greeter
    EXPECT_EQ(ctl({"stop"}).output, "stopped\n");
    EXPECT_EQ(process_.wait(), 0);
}

TEST_F(SwappingHost, SwapsAtAReloadWhenTheFileIsAnother)
{
    ASSERT_TRUE(process_.wait_for("\nready"));
    install("collector");
    configure("c.so", "collector", "second");
    EXPECT_EQ(ctl({"reload"}).status, 0);
    EXPECT_THAT(ctl({"status"}).output, AllOf(ContainsRegex("tag +second"), ContainsRegex("swapped +1 time,")));

    configure(fixture("parallel_collector"), "parallel_collector", "third");
    process_.signal(SIGHUP);
    EXPECT_TRUE(process_.wait_for("swapped from collector 1.0 to parallel_collector 2.0"));
    EXPECT_THAT(ctl({"status"}).output, ContainsRegex("swapped +2 times,"));

    configure(fixture("thaw_fails"), "collector", "fourth");
    const Result refused = ctl({"reload"});
    EXPECT_EQ(refused.status, 1);
    EXPECT_THAT(refused.output, HasSubstr("jabber.xml:3: service 'collector' was not swapped to " +
                                          fixture("thaw_fails") + ": thaw: "));
    EXPECT_THAT(ctl({"status"}).output, ContainsRegex("tag +third"));
    EXPECT_EQ(ctl({"stop"}).output, "stopped\n");
    EXPECT_EQ(process_.wait(), 0);
}

} // namespace
} // namespace jabberd::test
