// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/control/server.h"

#include <gtest/gtest.h>

#include <sys/resource.h>
#include <sys/socket.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

namespace jabberd::host {
namespace {

// It opens a pipe to find out whether an object is one, and takes it for none where it cannot.
#if defined(__SANITIZE_ADDRESS__)
constexpr bool is_sanitized = true;
#elif defined(__has_feature)
constexpr bool is_sanitized = __has_feature(address_sanitizer);
#else
constexpr bool is_sanitized = false;
#endif

class Answers final : public Commands {
public:
    std::string status() override { return "well\n"; }
    std::string sessions() override { return ""; }
    std::string metrics() override { return ""; }
    std::string reload() override { return ""; }
    std::string reopen() override { return ""; }
    std::string swap(std::string_view, std::string_view) override { return ""; }
    std::string offered() override { return ""; }
    std::shared_ptr<CommandTalk> begin(std::string_view, CommandLine::Purpose, std::string &) override
    {
        return nullptr;
    }
    void stop() override {}
};

class ControlServerWithoutDescriptors : public testing::Test {
protected:
    ControlServerWithoutDescriptors()
    {
        std::string why;
        EXPECT_TRUE(server_.listen(path_, why)) << why;
        client_ = connect_control(path_, why);
        EXPECT_TRUE(client_) << why;
        constexpr std::string_view request = "status\n";
        EXPECT_EQ(write(client_.get(), request.data(), request.size()), static_cast<ssize_t>(request.size()));
        getrlimit(RLIMIT_NOFILE, &before_);
        if (is_sanitized)
            return;
        rlimit few = before_;
        few.rlim_cur = 200;
        setrlimit(RLIMIT_NOFILE, &few);
        take_all();
    }
    ~ControlServerWithoutDescriptors() override
    {
        setrlimit(RLIMIT_NOFILE, &before_);
        std::filesystem::remove(path_);
    }

    // Another component does.
    void take_all()
    {
        while (UniqueFd one{open("/dev/null", O_RDONLY | O_CLOEXEC)})
            taken_.push_back(std::move(one));
    }

    // Lets the main loop do all that there is to do; a loop that spins never gets to the end of it.
    static void run()
    {
        while (g_main_context_iteration(nullptr, FALSE)) {
        }
    }

    void run_until_answered()
    {
        std::array<char, 64> answer{};
        while (recv(client_.get(), answer.data(), answer.size(), MSG_DONTWAIT) < 0)
            g_main_context_iteration(nullptr, TRUE);
        EXPECT_STREQ(answer.data(), "well\n");
    }

    const std::string path_ = testing::TempDir() + "/control-" + std::to_string(getpid());
    Answers commands_;
    Trace trace_;
    ControlServer server_{commands_, trace_};
    UniqueFd client_;
    std::vector<UniqueFd> taken_;
    rlimit before_{};
};

TEST_F(ControlServerWithoutDescriptors, AnswersFromItsSpares)
{
    if (is_sanitized)
        GTEST_SKIP() << "the sanitizer needs descriptors itself";
    run_until_answered();
    run();
    EXPECT_FALSE(UniqueFd{open("/dev/null", O_RDONLY | O_CLOEXEC)}) << "it has its spares again";
}

TEST_F(ControlServerWithoutDescriptors, WaitsWithoutSpinningUntilThereIsOne)
{
    if (is_sanitized)
        GTEST_SKIP() << "the sanitizer needs descriptors itself";
    // Whatever it gives up, the others have at once: by the limit, because nothing else is as quick.
    const rlimit none{3, before_.rlim_max};
    setrlimit(RLIMIT_NOFILE, &none);
    run();
    setrlimit(RLIMIT_NOFILE, &before_);
    taken_.clear();
    run_until_answered();
}

} // namespace
} // namespace jabberd::host
