// SPDX-License-Identifier: LGPL-2.1-or-later
// The process is out of descriptors, or of memory, while two friends chat.
#include "support/environment.h"
#include "support/process.h"
#include "trial.h"

#include <gtest/gtest.h>

#include <sys/resource.h>

#include <fstream>
#include <ostream>
#include <string>

namespace jabberd::chaos {
namespace {

constexpr rlim_t room = 24'000'000; // that is left for all

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool is_sanitized = true;
#elif defined(__has_feature)
constexpr bool is_sanitized = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
constexpr bool is_sanitized = false;
#endif

struct Shortage {
    const char *kind; // of flood
    unsigned addresses, connections;
    const char *name;

    friend void PrintTo(const Shortage &shortage, std::ostream *out) { *out << shortage.name; }
};

std::string name_of_shortage(const testing::TestParamInfo<Shortage> &shortage)
{
    return shortage.param.name;
}

std::string flood_it(Trial &trial, const Shortage &shortage)
{
    test::Process flood{{test::needed_environment("FLOOD"), shortage.kind, std::to_string(trial.host().port()),
                         std::to_string(shortage.addresses), std::to_string(shortage.connections),
                         std::to_string(seconds())}};
    trial.watch(seconds() * 10);
    EXPECT_EQ(flood.wait(), 0) << flood.output();
    return flood.output();
}

// One that comes now is served.
void expect_room(std::uint16_t port)
{
    test::User late{port, "late"};
    late.say(late.address(), "hello");
    EXPECT_EQ(late.hear(), (test::User::Message{late.address(), "hello"}));
}

class OutOfDescriptorsChaos : public testing::TestWithParam<Shortage> {};

TEST_P(OutOfDescriptorsChaos, FriendsGoOnChatting)
{
    // Nobody here has a stream of XMPP 1.0, from which the socket manager would learn that it can tell of the others.
    Trial trial{{.sockets = "<sasl>yes</sasl>", .before = "ulimit -n 200; "}};
    const std::string words = flood_it(trial, GetParam());
    EXPECT_GT(trial.host().counter("accept pauses"), 0u) << "there were enough: this tries nothing";
    trial.recover();
    expect_room(trial.host().port());
    trial.end(std::string{"200 descriptors, "} + GetParam().kind, words);
}

INSTANTIATE_TEST_SUITE_P(, OutOfDescriptorsChaos,
                         testing::Values(Shortage{"silent", 10, 100, "silent"},
                                         Shortage{"half-logins", 10, 100, "halflogins"},
                                         Shortage{"resets", 10, 30, "resets"}),
                         name_of_shortage);

std::uint64_t address_space(pid_t pid)
{
    std::ifstream statm{"/proc/" + std::to_string(pid) + "/statm"};
    std::uint64_t pages = 0;
    statm >> pages;
    return pages * 4096;
}

class OutOfMemoryChaos : public testing::TestWithParam<Shortage> {};

// An allocation that fails ends what needed it. The first that fail are those of the flood: it wants more than others.
TEST_P(OutOfMemoryChaos, FriendsGoOnChatting)
{
    if (is_sanitized)
        GTEST_SKIP() << "a sanitizer needs an address space of its own";
    if (!is_long())
        GTEST_SKIP() << "in the long form only: libxml2 and GLib do not outlive every allocation that fails";
    Trial trial{{}};
    const rlimit limit{address_space(trial.host().pid()) + room, RLIM_INFINITY};
    ASSERT_EQ(prlimit(trial.host().pid(), RLIMIT_AS, &limit, nullptr), 0);
    const std::string words = flood_it(trial, GetParam());
    trial.recover();
    expect_room(trial.host().port());
    trial.end(std::string{"24 MB of memory, "} + GetParam().kind, words);
}

INSTANTIATE_TEST_SUITE_P(, OutOfMemoryChaos,
                         testing::Values(Shortage{"large-rosters", 4, 6, "largerosters"},
                                         Shortage{"slow-readers", 4, 100, "slowreaders"},
                                         Shortage{"half-logins", 10, 850, "halflogins"},
                                         Shortage{"roster-questions", 2, 4, "rosterquestions"}),
                         name_of_shortage);

} // namespace
} // namespace jabberd::chaos
