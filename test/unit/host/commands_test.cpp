// SPDX-License-Identifier: LGPL-2.1-or-later
// Commands of components: their runs, what they and their operator say to each other, and who may leave first.
#include "base/view.h"
#include "host/commands/runs.h"
#include "host/control/server.h"
#include "host/control/words.h"
#include "unit/host/fake_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <functional>
#include <future>

namespace jabberd::host {
namespace {

using testing::HasSubstr;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds patience{10}; // only a failing test uses it up

std::function<jabberd_command_result(const jabberd_command_call &)> on_run;

const jabberd_commands commands{sizeof commands, nullptr,
                                [](jabberd_instance *, const jabberd_command_call *call) { return on_run(*call); },
                                nullptr, nullptr};

// A command that says things, until the test lets it go.
class Held {
public:
    void wait() { released_.get_future().wait(); }
    void release() { released_.set_value(); }

private:
    std::promise<void> released_;
};

class CommandsOf : public Commands {
public:
    std::string status() override { return ""; }
    std::string sessions() override { return ""; }
    std::string metrics() override { return ""; }
    std::string reload() override { return ""; }
    std::string reopen() override { return ""; }
    std::string swap(std::string_view, std::string_view) override { return ""; }
    std::string offered() override { return ""; }
    std::shared_ptr<CommandTalk> begin(std::string_view words, CommandLine::Purpose purpose, std::string &) override
    {
        return runs.begin(commands, nullptr, {"greet", split_words(words).value(), purpose});
    }
    void stop() override {}

    CommandRuns runs;
};

// A client of the control socket.
class Operator {
public:
    explicit Operator(const std::string &path)
    {
        std::string why;
        socket_ = connect_control(path, why);
        EXPECT_TRUE(socket_) << why;
    }

    void sends(const std::string &line)
    {
        const std::string whole = line + '\n';
        ASSERT_EQ(send(socket_.get(), whole.data(), whole.size(), MSG_NOSIGNAL), static_cast<ssize_t>(whole.size()));
    }

    // Until the text is heard, or the connection has ended.
    std::string hears(const std::string &expected)
    {
        while (heard_.find(expected) == std::string::npos && hears_more()) {
        }
        return heard_;
    }
    std::string hears_all()
    {
        while (hears_more()) {
        }
        return heard_;
    }
    void leaves() { socket_ = UniqueFd{}; }

private:
    bool hears_more()
    {
        std::array<char, 65536> buffer;
        ssize_t count = 0;
        while ((count = recv(socket_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT)) < 0 && errno == EAGAIN)
            g_main_context_iteration(nullptr, FALSE);
        if (count > 0)
            heard_.append(buffer.data(), static_cast<std::size_t>(count));
        return count > 0;
    }

    UniqueFd socket_;
    std::string heard_;
};

class CommandRun : public testing::Test {
protected:
    CommandRun()
    {
        std::string why;
        EXPECT_TRUE(server_.listen(path_, why)) << why;
    }
    ~CommandRun() override { host_.runs.end(); }

    const std::string path_ = testing::TempDir() + "/commands-" + std::to_string(getpid());
    CommandsOf host_;
    Trace trace_;
    ControlServer server_{host_, trace_};
};

TEST(Words, AreTheSameBehindALine)
{
    for (const std::vector<std::string> &words :
         {std::vector<std::string>{""}, {"", ""}, {"a b", "%", "\n", "ö", "--json", ""}, {"x", "\x01\xff"}})
        EXPECT_EQ(split_words(joined_words(words)), words);
    EXPECT_EQ(joined_words({"a b", "c"}), "a%20b c");
    EXPECT_EQ(split_words("a%zz"), std::nullopt);
    EXPECT_EQ(split_words("%00"), std::nullopt);
}

TEST_F(CommandRun, SaysWhatItDoesAndHowItEnded)
{
    on_run = [](const jabberd_command_call &call) {
        call.output(&call, call.arguments[1]);
        call.error(&call, view("no\n"));
        return JABBERD_COMMAND_MISUSED;
    };
    Operator client{path_};
    client.sends("run greet a%20b");
    EXPECT_EQ(client.hears_all(), "{\"out\":\"a b\"}\n{\"err\":\"no\\n\"}\n{\"exit\":2}\n");
}

TEST_F(CommandRun, GetsASecretAndThenTheInput)
{
    on_run = [](const jabberd_command_call &call) {
        std::array<char, 6> small{};
        const auto count = call.secret(&call, view("Password: "), true, small.data(), small.size());
        call.output(&call, {small.data(), static_cast<std::size_t>(count)});
        ptrdiff_t read = 0;
        while ((read = call.read(&call, small.data(), small.size())) > 0)
            call.output(&call, {small.data(), static_cast<std::size_t>(read)});
        return read == 0 && call.read(&call, small.data(), small.size()) == 0 ? JABBERD_COMMAND_DONE
                                                                              : JABBERD_COMMAND_FAILED;
    };
    Operator client{path_};
    client.sends("run greet");
    EXPECT_EQ(client.hears("}\n"), "{\"ask\":\"secret\",\"prompt\":\"Password: \",\"twice\":true}\n");
    client.sends("input czNjcmV0"); // s3cret
    client.hears("{\"ask\":\"input\"}\n");
    client.sends("input bG9uZ2VyIHRoYW4gc2l4"); // longer than six
    EXPECT_THAT(client.hears("six"), HasSubstr("{\"out\":\"s3cret\"}\n{\"ask\":\"input\"}\n{\"out\":\"longer\"}\n"));
    client.sends("end");
    EXPECT_THAT(client.hears_all(), HasSubstr("{\"exit\":0}\n"));
}

TEST_F(CommandRun, IsToldThatThereIsNoSecret)
{
    on_run = [](const jabberd_command_call &call) {
        std::array<char, 4> small{};
        EXPECT_EQ(call.secret(&call, view("?"), false, small.data(), small.size()), JABBERD_COMMAND_REFUSED);
        EXPECT_EQ(call.secret(&call, view("?"), false, small.data(), small.size()), JABBERD_COMMAND_REFUSED);
        return JABBERD_COMMAND_FAILED;
    };
    Operator client{path_};
    client.sends("run greet");
    client.hears("}\n");
    client.sends("end");
    client.hears("}\n{\"ask\"");
    client.sends("input czNjcmV0"); // does not fit
    EXPECT_THAT(client.hears_all(), HasSubstr("{\"err\":\"what was given is too long\\n\"}\n{\"exit\":1}\n"));
}

TEST_F(CommandRun, EndsWithItsOperator)
{
    std::promise<ptrdiff_t> result;
    on_run = [&](const jabberd_command_call &call) {
        char one = 0;
        result.set_value(call.read(&call, &one, 1));
        EXPECT_FALSE(call.output(&call, view("x")));
        return JABBERD_COMMAND_DONE;
    };
    Operator client{path_};
    client.sends("run greet");
    client.hears("input");
    client.leaves();
    auto read = result.get_future();
    while (read.wait_for(std::chrono::seconds{0}) != std::future_status::ready)
        g_main_context_iteration(nullptr, FALSE);
    EXPECT_EQ(read.get(), JABBERD_COMMAND_OVER);
}

TEST_F(CommandRun, EndsTheConnectionOfAClientThatAnswersNoQuestion)
{
    for (const char *wrong : {"input eA==", "end", "dance"}) {
        Held held;
        on_run = [&](const jabberd_command_call &call) {
            call.output(&call, view("x"));
            held.wait();
            return call.output(&call, view("y")) ? JABBERD_COMMAND_FAILED : JABBERD_COMMAND_DONE;
        };
        Operator client{path_};
        client.sends("run greet");
        client.hears("x");
        client.sends(wrong);
        EXPECT_EQ(client.hears_all(), "{\"out\":\"x\"}\n") << wrong;
        held.release();
        host_.runs.end();
    }
}

constexpr std::size_t enough = 8'000'000, piece = 10'000;

jabberd_command_result say_much(const jabberd_command_call &call)
{
    const std::string text(piece, 'y');
    for (std::size_t said = 0; said < enough; said += piece) {
        if (!call.output(&call, view(text)))
            return JABBERD_COMMAND_FAILED;
    }
    return JABBERD_COMMAND_DONE;
}

TEST_F(CommandRun, SaysMuchToAClient)
{
    on_run = say_much;
    Operator client{path_};
    client.sends("run greet");
    const std::string all = client.hears_all();
    EXPECT_EQ(static_cast<std::size_t>(std::ranges::count(all, 'y')), enough);
    EXPECT_TRUE(all.ends_with("{\"exit\":0}\n"));
}

// However late it is taken: a command waits.
TEST(CommandTalk, HoldsLittleOfWhatIsNotTaken)
{
    on_run = say_much;
    CommandRuns runs;
    const auto talk = runs.begin(commands, nullptr, {"greet", {}});
    std::size_t heard = 0;
    while (!talk->is_over()) {
        const std::string lines = talk->take();
        ASSERT_LT(lines.size(), 300'000u);
        heard += static_cast<std::size_t>(std::ranges::count(lines, 'y'));
    }
    EXPECT_EQ(heard, enough);
}

TEST_F(CommandRun, IsEndedByTheHostAndSaysSo)
{
    on_run = [](const jabberd_command_call &call) {
        char one = 0;
        return call.read(&call, &one, 1) < 0 ? JABBERD_COMMAND_DONE : JABBERD_COMMAND_FAILED;
    };
    Operator client{path_};
    client.sends("run greet");
    client.hears("input");
    EXPECT_TRUE(host_.runs.end_by(Clock::now() + patience));
    EXPECT_THAT(client.hears_all(),
                HasSubstr("was ended, because its component is swapped or stopped\\n\"}\n{\"exit\":1}"));
}

TEST(CommandOfAService, IsOverBeforeTheServicePauses)
{
    Trace trace;
    Router router{trace};
    FakeComponent fake;
    Service service{"fake", {"fake"}, fake.component, router};
    jabberd_config element{};
    element.size = sizeof element;
    Mistakes mistakes;
    ASSERT_TRUE(service.create(element, mistakes) && service.start());
    Held held;
    on_run = [&](const jabberd_command_call &call) {
        held.wait();
        return call.output(&call, view("x")) ? JABBERD_COMMAND_FAILED : JABBERD_COMMAND_DONE;
    };
    const auto talk = service.commands().begin(commands, service.instance(), {"greet", {}});
    EXPECT_FALSE(service.pause(Clock::now())) << "it still runs";
    held.release();
    EXPECT_TRUE(service.pause(Clock::now() + patience));
    EXPECT_TRUE(talk->has_ended());
    EXPECT_THAT(talk->take(), HasSubstr("{\"exit\":1}"));
    service.go_on();
    service.stop(patience);
}

} // namespace
} // namespace jabberd::host
