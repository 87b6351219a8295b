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

} // namespace
} // namespace jabberd
