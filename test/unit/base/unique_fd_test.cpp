// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/unique_fd.h"

#include <gtest/gtest.h>

#include <fcntl.h>

namespace jabberd {
namespace {

bool is_open(int fd)
{
    return ::fcntl(fd, F_GETFD) != -1;
}

int some_fd()
{
    return ::open("/dev/null", O_RDONLY | O_CLOEXEC);
}

TEST(UniqueFd, ClosesWhatItOwns)
{
    const int fd = some_fd();
    {
        const UniqueFd owner{fd};
        EXPECT_TRUE(owner);
        EXPECT_TRUE(is_open(fd));
    }
    EXPECT_FALSE(is_open(fd));
}

TEST(UniqueFd, PassesOnWhatItOwns)
{
    const int fd = some_fd(), other = some_fd();
    UniqueFd from{fd}, to{other};
    to = std::move(from);
    EXPECT_EQ(to.get(), fd);
    EXPECT_FALSE(is_open(other));
    const UniqueFd last{std::move(to)};
    EXPECT_EQ(last.get(), fd);
    EXPECT_TRUE(is_open(fd));
}

TEST(UniqueFd, ReleasesWithoutClosing)
{
    UniqueFd owner{some_fd()};
    const int fd = owner.release();
    EXPECT_FALSE(owner);
    EXPECT_TRUE(is_open(fd));
    owner.reset(fd);
    owner.reset();
    EXPECT_FALSE(is_open(fd));
}

TEST(UniqueFd, OfNothingClosesNothing)
{
    const UniqueFd none;
    EXPECT_FALSE(none);
    EXPECT_EQ(none.get(), -1);
}

TEST(UniqueFd, MovesUpWhenItIsTooLow)
{
    UniqueFd high = at_or_above(500, UniqueFd{some_fd()});
    EXPECT_GE(high.get(), 500);
    EXPECT_NE(::fcntl(high.get(), F_GETFD) & FD_CLOEXEC, 0);
    const int before = high.get();
    EXPECT_EQ(at_or_above(500, std::move(high)).get(), before) << "it is high enough";
    EXPECT_FALSE(at_or_above(500, UniqueFd{}));
}

TEST(UniqueFd, NeverStaysAStandardDescriptor)
{
    for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        const int kept = ::fcntl(standard, F_DUPFD_CLOEXEC, 10);
        ::close(standard);
        UniqueFd moved = at_or_above(0, UniqueFd{some_fd()});
        const bool low = is_open(standard);
        ::dup2(kept, standard);
        ::close(kept);
        EXPECT_GT(moved.get(), STDERR_FILENO);
        EXPECT_FALSE(low);
    }
}

TEST(UniqueFd, StandardDescriptorsAreOccupiedWhereTheyAreClosed)
{
    const int in = ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 10), error = ::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 10);
    ::close(STDIN_FILENO);
    ::close(STDERR_FILENO);
    occupy_standard_descriptors();
    const bool both = is_open(STDIN_FILENO) && is_open(STDERR_FILENO);
    const int next = some_fd();
    ::dup2(in, STDIN_FILENO);
    ::dup2(error, STDERR_FILENO);
    ::close(in);
    ::close(error);
    ::close(next);
    EXPECT_TRUE(both);
    EXPECT_GT(next, STDERR_FILENO);
}

TEST(UniqueFd, SaysThatNoneThatHighIsToBeHad)
{
    const int low = some_fd();
    errno = 0;
    EXPECT_FALSE(at_or_above(2'000'000'000, UniqueFd{low}));
    EXPECT_EQ(errno, EMFILE);
    EXPECT_FALSE(is_open(low));
}

} // namespace
} // namespace jabberd
