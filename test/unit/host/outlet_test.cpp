// SPDX-License-Identifier: LGPL-2.1-or-later
// Whatever standard error is and whoever does not read it: nothing here waits, and what is lost is told. Where a write
// blocked, its test would hang.
#include "host/log/outlet.h"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <termios.h>

#include <array>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace jabberd::host::log {
namespace {

std::string note(std::uint64_t lost)
{
    return "lost " + std::to_string(lost) + "\n";
}

std::string line(std::uint64_t number)
{
    return std::to_string(number) + ' ' + std::string(1000, 'x') + '\n';
}

struct Ends {
    UniqueFd ours, theirs; // we write, they read
};

Ends pipe_ends()
{
    int ends[2] = {-1, -1};
    EXPECT_EQ(pipe2(ends, O_CLOEXEC), 0);
    return {UniqueFd{ends[1]}, UniqueFd{ends[0]}};
}

Ends socket_ends(int type)
{
    int ends[2] = {-1, -1};
    EXPECT_EQ(socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends), 0);
    return {UniqueFd{ends[0]}, UniqueFd{ends[1]}};
}

Ends terminal_ends()
{
    UniqueFd master{posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)};
    EXPECT_EQ(grantpt(master.get()), 0);
    EXPECT_EQ(unlockpt(master.get()), 0);
    UniqueFd terminal{open(ptsname(master.get()), O_RDWR | O_NOCTTY | O_CLOEXEC)};
    termios mode{};
    EXPECT_EQ(tcgetattr(terminal.get(), &mode), 0);
    cfmakeraw(&mode);
    EXPECT_EQ(tcsetattr(terminal.get(), TCSANOW, &mode), 0);
    return {std::move(terminal), std::move(master)};
}

// Counts what arrives, and that no line is torn, doubled or out of order.
class Reader {
public:
    explicit Reader(UniqueFd from) : from_(std::move(from)) {}

    // Until `count` lines have arrived, or are told to be lost.
    void read_until(std::uint64_t count)
    {
        constexpr int patience_ms = 60'000; // only a failing test uses it up
        pollfd readable{from_.get(), POLLIN, 0};
        while (next_ < count && poll(&readable, 1, patience_ms) > 0) {
            std::array<char, 65536> buffer;
            const ssize_t got = ::read(from_.get(), buffer.data(), buffer.size());
            if (got <= 0)
                break;
            take({buffer.data(), static_cast<std::size_t>(got)});
        }
        EXPECT_EQ(next_, count);
    }

    std::uint64_t arrived() const { return arrived_; }
    std::uint64_t lost() const { return lost_; }

private:
    void take(std::string_view bytes)
    {
        bytes_ += bytes;
        for (std::size_t end = 0; (end = bytes_.find('\n')) != std::string::npos; bytes_.erase(0, end + 1))
            take_line(bytes_.substr(0, end + 1));
    }

    void take_line(const std::string &text)
    {
        if (text.starts_with("lost ")) {
            std::uint64_t lost = 0;
            std::from_chars(text.data() + 5, text.data() + text.size(), lost);
            lost_ += lost;
            next_ += lost;
            return;
        }
        EXPECT_EQ(text.substr(0, 20), line(next_).substr(0, 20));
        EXPECT_EQ(text.size(), line(next_).size());
        ++next_;
        ++arrived_;
    }

    UniqueFd from_;
    std::string bytes_;
    std::uint64_t next_ = 0, arrived_ = 0, lost_ = 0;
};

// More than a pipe, or a socket, and the queue hold together.
constexpr std::uint64_t too_many = 4000;

struct Kind {
    const char *name;
    Ends (*make)();
};

class UnreadOutlet : public testing::TestWithParam<Kind> {};

TEST_P(UnreadOutlet, LosesLinesAndSaysSoInTheirPlace)
{
    Ends ends = GetParam().make();
    const int flags = fcntl(ends.ours.get(), F_GETFL);
    Outlet outlet{ends.ours.get(), note};
    for (std::uint64_t i = 0; i < too_many; ++i)
        outlet.write(line(i));
    EXPECT_GT(outlet.lost(), 0u);
    EXPECT_EQ(fcntl(ends.ours.get(), F_GETFL), flags) << "others may have it, too";

    const std::uint64_t kept = too_many - outlet.lost();
    Reader reader{std::move(ends.theirs)};
    reader.read_until(kept);
    ASSERT_TRUE(outlet.flush(std::chrono::seconds{60}));
    EXPECT_EQ(reader.lost(), 0u);
    outlet.write(line(too_many));
    reader.read_until(too_many + 1);
    EXPECT_EQ(reader.lost(), too_many - kept);
    EXPECT_EQ(reader.arrived(), kept + 1);
    EXPECT_EQ(outlet.lost(), 0u);
}

TEST_P(UnreadOutlet, LosesNothingInABurst)
{
    Ends ends = GetParam().make();
    Outlet outlet{ends.ours.get(), note};
    Reader reader{std::move(ends.theirs)};
    for (std::uint64_t round = 1; round <= 10; ++round) {
        for (std::uint64_t i = (round - 1) * 500; i < round * 500; ++i)
            outlet.write(line(i));
        reader.read_until(round * 500);
    }
    EXPECT_EQ(reader.lost(), 0u);
}

TEST_P(UnreadOutlet, EndsWithoutWaitingForItsReader)
{
    const Ends ends = GetParam().make();
    Outlet outlet{ends.ours.get(), note};
    for (std::uint64_t i = 0; i < too_many; ++i)
        outlet.write(line(i));
    EXPECT_FALSE(outlet.flush(std::chrono::milliseconds{1}));
}

constexpr Kind kinds[] = {{"Pipe", pipe_ends},
                          {"Stream", [] { return socket_ends(SOCK_STREAM); }},
                          {"Datagrams", [] { return socket_ends(SOCK_DGRAM); }},
                          {"Terminal", terminal_ends}};
INSTANTIATE_TEST_SUITE_P(Log, UnreadOutlet, testing::ValuesIn(kinds),
                         [](const auto &instance) { return std::string{instance.param.name}; });

TEST(Outlet, CountsWhatNobodyCanRead)
{
    signal(SIGPIPE, SIG_IGN); // as every host does
    Ends ends = pipe_ends();
    ends.theirs.reset();
    Outlet gone{ends.ours.get(), note};
    Outlet closed{-1, note};
    const UniqueFd full_disk{open("/dev/full", O_WRONLY | O_CLOEXEC)};
    Outlet full{full_disk.get(), note};
    for (Outlet *outlet : {&gone, &closed, &full}) {
        for (int i = 0; i < 3; ++i)
            outlet->write("line\n");
        EXPECT_TRUE(outlet->flush(std::chrono::seconds{60}));
        EXPECT_EQ(outlet->lost(), 3u);
    }
}

// A disk that is full in the middle of a line, and then is not: what follows begins on a line of its own.
TEST(Outlet, GoesOnWhenADiskHasRoomAgain)
{
    std::string name = testing::TempDir() + "/outlet-XXXXXX";
    const UniqueFd file{mkostemp(name.data(), O_APPEND | O_CLOEXEC)};
    ASSERT_TRUE(file);
    Outlet outlet{file.get(), note};
    rlimit before{};
    ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, SIG_IGN);
    const rlimit small{8, before.rlim_max};
    ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
    outlet.write("first\nsecond\n");
    outlet.write("third\n");
    ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
    outlet.write("fourth\n");

    char content[64] = "";
    EXPECT_GT(pread(file.get(), content, sizeof content - 1, 0), 0);
    EXPECT_STREQ(content, "first\nse\nlost 2\nfourth\n");
    unlink(name.c_str());
}

// What waited for the reader of the first goes to the first, and what comes after to the second.
TEST(Outlet, GoesOnElsewhereBetweenTwoRecords)
{
    Ends first = pipe_ends(), second = pipe_ends();
    Outlet outlet{first.ours.get(), note};
    for (std::uint64_t i = 0; i < 500; ++i) // more than a pipe holds
        outlet.write(line(i));
    outlet.redirect(second.ours.get());
    Reader reader{std::move(first.theirs)};
    reader.read_until(500);
    EXPECT_TRUE(outlet.flush(std::chrono::seconds{60}));
    outlet.write("to the second");
    char got[64] = "";
    EXPECT_GT(read(second.theirs.get(), got, sizeof got - 1), 0);
    EXPECT_STREQ(got, "to the second");
    EXPECT_EQ(outlet.lost(), 0u);
}

// A journal that is started anew has another socket.
TEST(Outlet, AsksForAnotherSocketWhenItsOwnIsDead)
{
    Ends first = socket_ends(SOCK_DGRAM), second = socket_ends(SOCK_DGRAM);
    std::vector<UniqueFd> sockets;
    sockets.push_back(std::move(second.ours));
    sockets.push_back(std::move(first.ours));
    Outlet outlet{[&] {
                      UniqueFd next;
                      if (!sockets.empty()) {
                          next = std::move(sockets.back());
                          sockets.pop_back();
                      }
                      return next;
                  },
                  note};
    outlet.write("to the first");
    first.theirs.reset();
    outlet.write("to the second");
    char got[64] = "";
    EXPECT_GT(recv(second.theirs.get(), got, sizeof got - 1, MSG_DONTWAIT), 0);
    EXPECT_STREQ(got, "to the second");
    EXPECT_EQ(outlet.lost(), 0u);
}

} // namespace
} // namespace jabberd::host::log
