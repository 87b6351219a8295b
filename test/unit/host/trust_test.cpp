// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/component/trust.h"

#include "support/temp_dir.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>

namespace jabberd::host {
namespace {

using testing::HasSubstr;

class Trust : public testing::Test {
protected:
    Trust()
    {
        std::filesystem::create_directory(folder_);
        dir_.write("folder/c.so", "");
    }

    std::string of(const std::string &name) const { return open_to_others(dir_.path(name)); }
    void set_mode(const std::string &name, mode_t mode) const { chmod(dir_.path(name).c_str(), mode); }

    const test::TempDir dir_;
    const std::filesystem::path folder_ = dir_.path("folder");
};

TEST_F(Trust, IsInWhatNobodyElseCanChange)
{
    EXPECT_EQ(of("folder/c.so"), "");
    set_mode("folder/c.so", 0664); // groups are the operator's own to fill
    EXPECT_EQ(of("folder/c.so"), "");
    set_mode("folder", 01777); // as /tmp
    EXPECT_EQ(of("folder/c.so"), "");
    EXPECT_EQ(of("folder/none.so"), "") << "others tell of that";
}

TEST_F(Trust, IsNotInAFileOrAFolderThatIsWritableByEverybody)
{
    set_mode("folder/c.so", 0646);
    EXPECT_THAT(of("folder/c.so"), HasSubstr("c.so is writable by everybody"));
    set_mode("folder/c.so", 0644);
    set_mode("folder", 0777);
    EXPECT_THAT(of("folder/c.so"), HasSubstr("folder is writable by everybody"));
}

TEST_F(Trust, FollowsSymbolicLinks)
{
    std::filesystem::create_symlink(dir_.path("folder/c.so"), dir_.path("link.so"));
    EXPECT_EQ(of("link.so"), "");
    set_mode("folder", 0777);
    EXPECT_THAT(of("link.so"), HasSubstr("folder is writable by everybody"));
    std::filesystem::create_directory(dir_.path("safe"));
    dir_.write("safe/d.so", "");
    std::filesystem::create_symlink(dir_.path("safe/d.so"), dir_.path("folder/d.so"));
    EXPECT_THAT(of("folder/d.so"), HasSubstr("folder is writable by everybody")) << "the link can be replaced";
}

TEST_F(Trust, IsNotInWhatBelongsToAnotherUser)
{
    if (geteuid() != 0)
        GTEST_SKIP() << "only root gives files away";
    ASSERT_EQ(chown(dir_.path("folder/c.so").c_str(), 12345, 0), 0);
    EXPECT_THAT(of("folder/c.so"),
                HasSubstr("c.so belongs to user 12345, who is neither root nor the user of this host"));
    ASSERT_EQ(chown(dir_.path("folder/c.so").c_str(), 0, 0), 0);
    ASSERT_EQ(chown(folder_.c_str(), 12345, 0), 0);
    EXPECT_THAT(of("folder/c.so"), HasSubstr("folder belongs to user 12345"));
}

} // namespace
} // namespace jabberd::host
