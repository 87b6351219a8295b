// SPDX-License-Identifier: LGPL-2.1-or-later
// Sockets in one host, sessions in another, a component stream between them.
#include "support/environment.h"
#include "support/log_file.h"
#include "support/process.h"
#include "support/temp_dir.h"
#include "support/user.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <memory>
#include <regex>

namespace jabberd::test {
namespace {

using testing::HasSubstr;

std::string load(const std::string &name, const char *variable)
{
    return "<load><" + name + ">" + needed_environment(variable) + "</" + name + "></load>";
}

class SplitServer : public testing::Test {
protected:
    // In its own directory, whose files are still there at the next start.
    struct Host {
        TempDir directory;
        std::unique_ptr<Process> process;

        std::string log() const { return contents_of(directory.path("log")); }
        void start(const std::string &services)
        {
            const std::string config =
                directory.write("jabber.xml", "<jabber><control>control</control>" + services + "</jabber>");
            process = std::make_unique<Process>(std::vector<std::string>{"sh", "-c", "exec \"$0\" -c \"$1\" 2>>\"$2\"",
                                                                         needed_environment("JABBERD_HOST"), config,
                                                                         directory.path("log")});
            ASSERT_TRUE(process->wait_for("\nready"));
        }
        void kill()
        {
            process->signal(SIGKILL);
            process->wait();
            process.reset();
        }
        bool wait_for_log(const std::string &part, unsigned times = 1) const
        {
            return test::wait_for_log(directory.path("log"), part, times);
        }
    };

    static std::string number_in(const std::string &text, const std::string &pattern)
    {
        std::smatch found;
        EXPECT_TRUE(std::regex_search(text, found, std::regex{pattern})) << text;
        return found.size() > 1 ? found[1].str() : "0";
    }

    void start_front(const std::string &port = "0")
    {
        front.start("<service id='c2s'>" + load("socket_manager", "SOCKET_MANAGER") +
                    "<c2s xmlns='jabber:config:socket-manager'><listen port='0'>127.0.0.1</listen></c2s></service>"
                    "<service id='to-sessions'>" +
                    load("component_stream", "COMPONENT_STREAM") +
                    "<component-stream xmlns='jabber:config:component-stream'><accept><ip>127.0.0.1</ip><port>" + port +
                    "</port><secret>shared</secret><host>localhost</host><sessions>yes</sessions></accept>"
                    "</component-stream></service>");
        client_port = static_cast<std::uint16_t>(
            std::stoi(number_in(front.process->output(), "connect an XMPP client to 127\\.0\\.0\\.1:(\\d+)")));
        ASSERT_TRUE(front.wait_for_log("listens for components"));
        stream_port = number_in(front.log(), "listens for components address=127\\.0\\.0\\.1:(\\d+)");
    }

    void start_back()
    {
        back.start("<service id='sessions'><host>localhost</host>" + load("session_manager", "SESSION_MANAGER") +
                   "<sessions xmlns='jabber:config:session-manager'><database>db</database><register>yes</register>"
                   "<registrations per-hour='0'/><iterations>4096</iterations></sessions></service>"
                   "<service id='to-sockets'>" +
                   load("component_stream", "COMPONENT_STREAM") +
                   "<component-stream xmlns='jabber:config:component-stream'><connect><ip>127.0.0.1</ip><port>" +
                   stream_port +
                   "</port><secret>shared</secret><host>c2s</host><to>localhost</to><sessions>yes</sessions></connect>"
                   "</component-stream></service>");
    }

    void expect_chat(User &ann, User &bob)
    {
        ann.say(bob.address(), "hello");
        EXPECT_EQ(bob.hear(), (User::Message{ann.address(), "hello"}));
        bob.say(ann.address(), "hello yourself");
        EXPECT_EQ(ann.hear(), (User::Message{bob.address(), "hello yourself"}));
    }

    Host front, back;
    std::uint16_t client_port = 0;
    std::string stream_port;
};

TEST_F(SplitServer, TellsClientsAtOnceThatTheirSessionsAreLost)
{
    start_front();
    start_back();
    ASSERT_TRUE(front.wait_for_log("a component stream is open"));
    User ann{client_port, "ann"}, bob{client_port, "bob"};
    expect_chat(ann, bob);
    back.kill();
    EXPECT_EQ(ann.client().wait_for_ending(), Client::Ending::Closed);
    EXPECT_EQ(bob.client().wait_for_ending(), Client::Ending::Closed);
    EXPECT_THAT(ann.client().received(), HasSubstr("<remote-connection-failed "));
    start_back();
    ASSERT_TRUE(front.wait_for_log("a component stream is open", 2));
    User ann_again{client_port, "ann"}, bob_again{client_port, "bob"};
    expect_chat(ann_again, bob_again);
}

TEST_F(SplitServer, TellsTheSessionManagerAtOnceThatItsClientsAreLost)
{
    start_front();
    start_back();
    ASSERT_TRUE(back.wait_for_log("a component stream is open"));
    {
        User ann{client_port, "ann"}, bob{client_port, "bob"};
        expect_chat(ann, bob);
        front.kill();
        EXPECT_NE(ann.client().wait_for_ending(), Client::Ending::Open);
    }
    ASSERT_TRUE(back.wait_for_log("a component stream is closed"));
    const Result status =
        run({needed_environment("JABBERD_CTL"), "--socket", back.directory.path("control"), "status"});
    EXPECT_TRUE(std::regex_search(status.output, std::regex{"sessions[: ]+0\\b"})) << status.output;
    std::filesystem::remove(front.directory.path("log"));
    start_front(stream_port);
    ASSERT_TRUE(front.wait_for_log("a component stream is open"));
    User ann{client_port, "ann"}, bob{client_port, "bob"};
    expect_chat(ann, bob);
}

} // namespace
} // namespace jabberd::test
