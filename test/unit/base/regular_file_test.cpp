// SPDX-License-Identifier: LGPL-2.1-or-later
// Where an open() or a read() waited for another process, its test would hang.
#include "base/regular_file.h"

#include "support/temp_dir.h"

#include <gtest/gtest.h>

#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>
#include <filesystem>

namespace jabberd {
namespace {

class RegularFile : public testing::Test {
protected:
    std::string refusal(const std::string &path, std::size_t limit = 100'000)
    {
        std::string why;
        const auto content = read_regular_file(path, limit, why);
        return content ? "read: " + content->bytes : why;
    }

    const test::TempDir dir_;
};

TEST_F(RegularFile, IsRead)
{
    EXPECT_EQ(refusal(dir_.write("a", "text")), "read: text");
    EXPECT_EQ(refusal(dir_.write("empty", "")), "read: ");
    const std::string long_text(99'999, 'x');
    EXPECT_EQ(refusal(dir_.write("long", long_text)), "read: " + long_text);
    std::filesystem::create_symlink(dir_.path("a"), dir_.path("link"));
    EXPECT_EQ(refusal(dir_.path("link")), "read: text");
    EXPECT_NE(refusal("/proc/self/status").find("read: Name:"), std::string::npos) << "it has no size";
}

TEST_F(RegularFile, HasALimit)
{
    EXPECT_EQ(refusal(dir_.write("a", "text"), 4), "read: text");
    EXPECT_EQ(refusal(dir_.write("a", "texts"), 4), "File too large");
}

TEST_F(RegularFile, IsNothingElse)
{
    EXPECT_EQ(refusal(dir_.path("none")), "No such file or directory");
    ASSERT_EQ(mkfifo(dir_.path("fifo").c_str(), 0600), 0);
    EXPECT_EQ(refusal(dir_.path("fifo")), "it is a FIFO; a regular file is needed");
    std::filesystem::create_symlink(dir_.path("fifo"), dir_.path("link"));
    EXPECT_EQ(refusal(dir_.path("link")), "it is a FIFO; a regular file is needed");
    std::filesystem::create_directory(dir_.path("folder"));
    EXPECT_EQ(refusal(dir_.path("folder")), "it is a directory; a regular file is needed");
    EXPECT_EQ(refusal("/dev/zero"), "it is a device; a regular file is needed");
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    dir_.path("socket").copy(address.sun_path, sizeof address.sun_path - 1);
    const UniqueFd socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    ASSERT_EQ(bind(socket.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address), 0);
    EXPECT_EQ(refusal(dir_.path("socket")), "it is a socket; a regular file is needed");
}

TEST_F(RegularFile, IsMadeOnlyWhereThereIsNothing)
{
    std::string why;
    EXPECT_TRUE(open_regular_file(dir_.path("new"), O_RDWR | O_CREAT, why, 0600)) << why;
    ASSERT_EQ(mkfifo(dir_.path("fifo").c_str(), 0600), 0);
    for (const int flags : {O_RDWR | O_CREAT, O_WRONLY}) {
        EXPECT_FALSE(open_regular_file(dir_.path("fifo"), flags, why, 0600));
        EXPECT_EQ(why, "it is a FIFO; a regular file is needed");
    }
    EXPECT_EQ(no_regular_file(dir_.path("fifo")), why);
    EXPECT_EQ(no_regular_file(dir_.path("new")), "");
    EXPECT_EQ(no_regular_file(dir_.path("none")), "");
}

} // namespace
} // namespace jabberd
