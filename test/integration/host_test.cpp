// SPDX-License-Identifier: LGPL-2.1-or-later
// The real jabberd-host with real components, watched and driven by the real jabberd-ctl.
#include "support/environment.h"
#include "support/process.h"
#include "support/temp_dir.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <thread>

namespace jabberd::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

bool has_pending_signal(pid_t pid)
{
    constexpr std::string_view key = "ShdPnd:\t"; // proc(5)
    std::ifstream status{"/proc/" + std::to_string(pid) + "/status"};
    for (std::string line; std::getline(status, line);)
        if (line.starts_with(key))
            return line.find_first_not_of('0', key.size()) != std::string::npos;
    return false;
}

class RunningHost : public testing::Test {
protected:
    std::string service(const std::string &id, const std::string &component, const std::string &inside = "") const
    {
        return "<service id='" + id + "'><load><" + component + ">" +
               environment(component == "hello" ? "HELLO" : "GREETER") + "</" + component + "></load>" + inside +
               "</service>\n";
    }

    std::string hello() const { return service("hello", "hello", "<host>hello.localhost</host>"); }
    std::string greeter(const std::string &attributes = "") const
    {
        return service("greeter", "greeter", "\n<greeter xmlns='test:greeter' " + attributes + "/>");
    }

    // Begins on line 2 of the file.
    void configure(const std::string &services)
    {
        config_ = dir_.write("jabber.xml", "<jabber>\n" + services + "<control>control</control>\n</jabber>\n");
    }

    std::vector<std::string> host(const std::vector<std::string> &more = {}) const
    {
        std::vector<std::string> command{environment("JABBERD_HOST"), "-c", config_};
        command.insert(command.end(), more.begin(), more.end());
        return command;
    }

    Result ctl(std::vector<std::string> arguments) const
    {
        arguments.insert(arguments.begin(), {environment("JABBERD_CTL"), "--socket", socket()});
        return run(arguments);
    }

    // The same with the output of a shell's command as its input.
    Result piped(const std::string &input, const std::vector<std::string> &arguments) const
    {
        std::string command = input + " | " + environment("JABBERD_CTL") + " --socket " + socket();
        for (const std::string &argument : arguments)
            command += " " + argument;
        return run({"sh", "-c", command});
    }

    std::string socket() const { return dir_.path("control"); }

    TempDir dir_;
    std::string config_;
};

TEST_F(RunningHost, TellsANewcomerWhatItDoesAndIsReady)
{
    configure(hello() + greeter());
    Process process{host()};
    ASSERT_TRUE(process.wait_for("\nready: 2 services\n"));
    EXPECT_THAT(process.output(),
                AllOf(HasSubstr("hello 1.0"), HasSubstr("hello.localhost"), HasSubstr("127.0.0.1:5222"),
                      HasSubstr("jabberd-ctl --socket " + socket() + " trace")));
    process.signal(SIGTERM);
    EXPECT_EQ(process.wait(), 0);
    EXPECT_FALSE(std::filesystem::exists(socket()));
}

TEST_F(RunningHost, RoutesBetweenComponentsAndReturnsWhatNobodyTakes)
{
    configure(greeter() + hello()); // greets before hello has started
    Process process{host()};
    ASSERT_TRUE(process.wait_for("\nready"));
    EXPECT_THAT(process.output(), AllOf(HasSubstr("greeter: hello answered text=\"two words\\u{1b}[2J\""),
                                        HasSubstr("greeter: the session packet came back")));
    process.signal(SIGINT);
    EXPECT_EQ(process.wait(), 0);
}

TEST_F(RunningHost, ShowsStatusAndSessions)
{
    configure(hello() + greeter());
    Process process{host()};
    ASSERT_TRUE(process.wait_for("\nready"));
    struct stat status {};
    ASSERT_EQ(stat(socket().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600u);

    EXPECT_THAT(ctl({"status"}).output, AllOf(HasSubstr("process " + std::to_string(process.pid())),
                                              HasSubstr("greeter:\n    listen  127.0.0.1:5222, [::1]:5222")));
    EXPECT_THAT(ctl({"status", "--json"}).output, HasSubstr("\"packets_received\":1"));
    EXPECT_THAT(ctl({"sessions"}).output, AllOf(HasSubstr("alice@foo.com/\\u{1b}[2J"), HasSubstr("1 session\n")));
    EXPECT_THAT(ctl({"sessions", "--json"}).output, HasSubstr("\"connection\":\"7@greeter/1\""));
    EXPECT_THAT(ctl({"dance"}).output, HasSubstr("there is no command 'dance'; there are status"));
}

TEST_F(RunningHost, RunsTheCommandsOfItsComponents)
{
    configure(hello() + greeter());
    Process process{host()};
    ASSERT_TRUE(process.wait_for("\nready"));
    EXPECT_THAT(process.output(), HasSubstr("greeter:status NOW    begin with this"));
    EXPECT_THAT(ctl({"help"}).output, AllOf(HasSubstr("\n  greet [NAME…]\n"), HasSubstr("\n  greeter:status\n"),
                                            HasSubstr("says hello (greeter)"), Not(HasSubstr("no name"))));
    EXPECT_THAT(ctl({"help", "greet"}).output, AllOf(HasSubstr("greet [NAME…]"), HasSubstr("  NAME  who\n")));
    EXPECT_THAT(ctl({"help", "swap"}).output, HasSubstr("swap SERVICE PATH"));
    EXPECT_THAT(ctl({"help", "dance"}).output, HasSubstr("there is no command 'dance'; there are status"));

    const Result greeted = piped("printf 's3cret\\nthe rest'", {"greet", "alice", "--json", "'b ö%'", "''"});
    EXPECT_EQ(greeted.status, 0);
    EXPECT_EQ(greeted.output, "hello alice\nhello --json\nhello b ö%\nhello \na secret\nthe rest");
    EXPECT_EQ(piped("true", {"greet"}).status, 1);
    EXPECT_EQ(ctl({"greeter:status"}).status, 2);
    EXPECT_THAT(ctl({"greeter:status"}).output, HasSubstr("see jabberd-ctl help greeter:status"));
    EXPECT_EQ(ctl({"complete", "greet", ""}).output, "bob\ncarol\n");
    EXPECT_EQ(ctl({"complete", "g"}).output, "greet\ngreeter:status\n");
    EXPECT_EQ(ctl({"complete", "swap", "h"}).output, "hello\n");
    EXPECT_THAT(process.output(), Not(HasSubstr("s3cret")));
}

TEST_F(RunningHost, AsksWhichOfTwoServicesACommandIsFor)
{
    configure(service("one", "greeter") + service("two", "greeter"));
    Process process{host()};
    ASSERT_TRUE(process.wait_for("\nready"));
    EXPECT_THAT(ctl({"help"}).output, AllOf(HasSubstr("\n  one:greet "), HasSubstr("\n  two:greet ")));
    EXPECT_THAT(ctl({"greet"}).output, AllOf(HasSubstr("several components offer 'greet'"), HasSubstr("one:greet")));
    EXPECT_THAT(piped("echo", {"two:greet", "x"}).output, HasSubstr("hello x"));
}

TEST_F(RunningHost, StopsWhileACommandWaits)
{
    configure(greeter());
    Process process{host()};
    ASSERT_TRUE(process.wait_for("\nready"));
    Process waiting{
        {"sh", "-c", "(echo x; exec sleep 60) | " + environment("JABBERD_CTL") + " --socket " + socket() + " greet y"}};
    ASSERT_TRUE(waiting.wait_for("a secret"));
    process.signal(SIGTERM);
    EXPECT_EQ(process.wait(), 0);
    waiting.signal(SIGTERM);
}

TEST_F(RunningHost, TracesPacketsWithoutSecrets)
{
    configure(hello() + greeter());
    Process process{host()};
    ASSERT_TRUE(process.wait_for("\nready"));
    Process trace{{environment("JABBERD_CTL"), "--socket", socket(), "--color=always", "trace"}};
    Process filtered{{environment("JABBERD_CTL"), "--socket", socket(), "trace", "--filter", "nobody.localhost"}};
    ASSERT_TRUE(trace.wait_for("tracing"));
    ASSERT_TRUE(filtered.wait_for("tracing"));
    EXPECT_EQ(ctl({"reload"}).status, 0); // the greeter greets again
    EXPECT_TRUE(trace.wait_for("greeter → hello"));
    EXPECT_TRUE(trace.wait_for("hello → greeter"));
    EXPECT_TRUE(trace.wait_for("greeter → nobody"));
    EXPECT_TRUE(trace.wait_for("\033[1;36msto='nobody.localhost'\033[0m \033[1;35msfrom='7@greeter/1'\033[0m"));
    EXPECT_TRUE(trace.wait_for("<password>…</password>"));
    EXPECT_TRUE(trace.wait_for("host → greeter"));
    EXPECT_TRUE(filtered.wait_for("greeter → nobody <iq "));

    process.signal(SIGTERM);
    EXPECT_EQ(process.wait(), 0);
    EXPECT_EQ(trace.wait(), 1);
    EXPECT_EQ(filtered.wait(), 1);
    EXPECT_THAT(trace.output(), Not(HasSubstr("s3cret")));
    EXPECT_THAT(filtered.output(), Not(HasSubstr("<message")));
    EXPECT_THAT(filtered.output(), Not(HasSubstr("\033")));
}

TEST_F(RunningHost, ReloadsAndSaysWhatNeedsARestart)
{
    configure(hello() + greeter());
    Process process{host()};
    ASSERT_TRUE(process.wait_for("\nready"));

    configure(service("hello", "hello", "<host>other.localhost</host>") + service("new", "hello"));
    const Result reloaded = ctl({"reload"});
    EXPECT_EQ(reloaded.status, 0);
    EXPECT_THAT(
        reloaded.output,
        AllOf(HasSubstr("jabber.xml:2: other host names for service 'hello' take effect after a restart, ignoring"),
              HasSubstr("jabber.xml:3: the new service 'new' takes effect after a restart, ignoring"),
              HasSubstr("service 'greeter' is gone; it runs until a restart, ignoring")));

    configure(hello() + greeter("wrong='yes'"));
    const Result refused = ctl({"reload"});
    EXPECT_EQ(refused.status, 1);
    EXPECT_THAT(refused.output, HasSubstr("jabber.xml:4: wrong is wrong; leave it out"));

    config_ = dir_.write("jabber.xml", "<jabber>\n<service>");
    process.signal(SIGHUP);
    EXPECT_TRUE(process.wait_for("the configuration has mistakes; what has them goes on as it was"));
    EXPECT_EQ(ctl({"stop"}).output, "stopped\n");
    EXPECT_EQ(process.wait(), 0);
}

TEST_F(RunningHost, ListsAllMistakesAndStartsNothing)
{
    configure(service("a", "greeter", "<load/>") + greeter("wrong='yes'") + hello() +
              "<service id='hello'><load><hello>none.so</hello></load></service>\n");
    const Result first = run(host());
    EXPECT_EQ(first.status, 1);
    EXPECT_THAT(first.output, AllOf(HasSubstr("jabber.xml:2: a second <load>"),
                                    HasSubstr("jabber.xml:6: a second service with the id 'hello'"),
                                    HasSubstr("jabber.xml:6: there is no file")));
    EXPECT_THAT(first.output, Not(HasSubstr("ready")));

    configure(hello() + greeter("wrong='yes'"));
    const Result second = run(host());
    EXPECT_EQ(second.status, 1);
    EXPECT_THAT(second.output, HasSubstr("jabber.xml:4: wrong is wrong; leave it out"));
    EXPECT_THAT(second.output, Not(HasSubstr("hello is listening")));
}

TEST_F(RunningHost, RefusesAFileThatIsAnotherComponent)
{
    configure("<service id='x'><load><socket_manager>" + environment("HELLO") + "</socket_manager></load></service>\n");
    EXPECT_THAT(run(host({"--check"})).output, HasSubstr("is the component 'hello', not 'socket_manager'"));
}

TEST_F(RunningHost, ChecksWithoutStarting)
{
    configure(hello());
    const Result result = run(host({"--check"}));
    EXPECT_EQ(result.status, 0);
    EXPECT_THAT(result.output, AllOf(HasSubstr("no mistakes found"), Not(HasSubstr("hello is listening"))));
    EXPECT_EQ(run(host({"--log-level=loud"})).status, 2);
}

TEST_F(RunningHost, LeavesTheSocketOfALivingHostAloneAndTakesThatOfADeadOne)
{
    configure(hello());
    Process first{host()};
    ASSERT_TRUE(first.wait_for("\nready"));
    const Result second = run(host());
    EXPECT_EQ(second.status, 1);
    EXPECT_THAT(second.output,
                HasSubstr("another host (process " + std::to_string(first.pid()) + ") is listening there"));
    EXPECT_EQ(ctl({"status"}).status, 0);

    first.signal(SIGKILL);
    EXPECT_EQ(first.wait(), -SIGKILL);
    EXPECT_THAT(ctl({"status"}).output, HasSubstr("is it running"));
    Process third{host()};
    EXPECT_TRUE(third.wait_for("\nready"));
    EXPECT_EQ(ctl({"status"}).status, 0);
}

TEST_F(RunningHost, GoesOnAtSignalsThatHaveNoMeaning)
{
    configure(hello());
    Process process{host()};
    ASSERT_TRUE(process.wait_for("\nready"));
    process.signal(SIGUSR1);
    EXPECT_TRUE(process.wait_for("SIGUSR1 has no meaning for this host, which goes on"));
    process.signal(SIGUSR2);
    EXPECT_TRUE(process.wait_for("SIGUSR2 has no meaning for this host, which goes on"));
    for (const int number : {SIGALRM, SIGVTALRM, SIGPROF, SIGIO, SIGPWR, SIGPIPE, SIGWINCH, SIGRTMIN, SIGRTMAX})
        process.signal(number);
    EXPECT_EQ(ctl({"status"}).status, 0);
    process.signal(SIGTERM);
    EXPECT_EQ(process.wait(), 0);
}

// Under cron there is no locale; in some there is no ellipsis.
TEST(Programs, SayTheirVersionAndPrintHelpInTheCharactersOfTheirUser)
{
    for (const char *program : {"JABBERD_HOST", "JABBERD_CTL"}) {
        const Result version = run({environment(program), "--version"});
        EXPECT_EQ(version.status, 0);
        EXPECT_THAT(version.output, testing::ContainsRegex("^jabberd-(host|ctl) [0-9]+\\.[0-9]+"));
    }
    for (const char *locale : {"LANG=", "LC_ALL=C", "LC_ALL=POSIX", "LC_ALL=C.UTF-8", "LC_ALL=no_such.locale"})
        EXPECT_THAT(run({"env", "-i", locale, environment("JABBERD_CTL"), "--help"}).output,
                    HasSubstr("jabberd-ctl [OPTION…] COMMAND […]"))
            << locale;
}

TEST_F(RunningHost, MakesItsControlSocketAgainAtAReload)
{
    configure(hello());
    Process process{host()};
    ASSERT_TRUE(process.wait_for("\nready"));
    std::filesystem::remove(socket());
    process.signal(SIGHUP);
    ASSERT_TRUE(process.wait_for("was gone, and is there again"));
    EXPECT_EQ(ctl({"status"}).status, 0);
    EXPECT_THAT(ctl({"reload"}).output, Not(HasSubstr("control"))) << "and nothing of it when it is there";

    std::filesystem::remove(socket());
    std::ofstream{socket()} << "a file of another";
    process.signal(SIGHUP);
    EXPECT_TRUE(process.wait_for("cannot be made again: something else is there"));
    process.signal(SIGTERM);
    EXPECT_EQ(process.wait(), 0);
    EXPECT_TRUE(std::filesystem::exists(socket())) << "it is not ours to remove";
}

TEST_F(RunningHost, UsesStandardDescriptorsForNothingElse)
{
    configure(hello());
    const auto descriptor = [](const Process &process, int number) {
        return std::filesystem::read_symlink("/proc/" + std::to_string(process.pid()) + "/fd/" +
                                             std::to_string(number));
    };
    const auto without = [&](const std::string &closed) {
        std::vector<std::string> command{"/bin/sh", "-c", "exec \"$0\" \"$@\" " + closed};
        const auto more = host();
        command.insert(command.end(), more.begin(), more.end());
        return command;
    };
    {
        Process process{without("<&- 2>&-")};
        ASSERT_TRUE(process.wait_for("\nready"));
        EXPECT_EQ(descriptor(process, 0), "/dev/null");
        EXPECT_EQ(descriptor(process, 2), "/dev/null");
        EXPECT_EQ(ctl({"stop"}).status, 0);
        EXPECT_EQ(process.wait(), 0);
    }
    Process process{without("<&- >&-")};
    ASSERT_TRUE(process.wait_for("hello is listening"));
    EXPECT_EQ(descriptor(process, 0), "/dev/null");
    EXPECT_EQ(descriptor(process, 1), "/dev/null");
    process.signal(SIGTERM);
    EXPECT_EQ(process.wait(), 0);
}

TEST_F(RunningHost, EndsAtOnceAtTheSecondSignal)
{
    configure(greeter("hang='yes'"));
    Process process{host()};
    ASSERT_TRUE(process.wait_for("\nready"));
    process.signal(SIGTERM);
    ASSERT_TRUE(process.wait_for("greeter: stopping"));
    process.signal(SIGTERM);
    EXPECT_EQ(process.wait(), -SIGTERM);
}

// As systemd sends it, which has run the stop command.
TEST_F(RunningHost, StopsInOrderWhenASignalFollowsTheCommand)
{
    configure(greeter("hang='yes'"));
    Process process{host()};
    ASSERT_TRUE(process.wait_for("\nready"));
    std::vector<std::string> command{environment("JABBERD_CTL"), "--socket", socket(), "stop"};
    Process stop{command};
    ASSERT_TRUE(process.wait_for("greeter: stopping"));
    process.signal(SIGTERM);
    while (has_pending_signal(process.pid()))
        std::this_thread::yield();
    process.signal(SIGINT);
    EXPECT_EQ(process.wait(), -SIGINT) << "SIGTERM alone ends nothing; this operator does not wait";
}

} // namespace
} // namespace jabberd::test
