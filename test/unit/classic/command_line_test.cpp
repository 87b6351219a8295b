// SPDX-License-Identifier: LGPL-2.1-or-later
#include "classic/command_line.h"

#include <gtest/gtest.h>

namespace jabberd::test {
namespace {

std::string value(std::vector<std::string> words, std::string_view flag)
{
    const classic::CommandLine line{words};
    const std::string *found = line.value(flag);
    return found == nullptr ? "none" : *found;
}

TEST(CommandLine, KnowsWhatFollowsALetter)
{
    EXPECT_EQ(value({"-c", "my.xml", "-h", "foo.com"}, "h"), "foo.com");
    EXPECT_EQ(value({"-cmy.xml", "-h", "foo.com"}, "c"), "my.xml");
    EXPECT_EQ(value({"-Bc", "my.xml"}, "c"), "my.xml");
    EXPECT_EQ(value({"-B", "-D", "-s", "/var/spool"}, "s"), "/var/spool");
    EXPECT_EQ(value({"-h", "foo.com", "-h", "bar.com"}, "h"), "bar.com");
    EXPECT_EQ(value({"-h", "foo.com"}, "s"), "none");
    EXPECT_EQ(value({"-h"}, "h"), "");
}

TEST(CommandLine, KnowsTheLongNamesOf16)
{
    EXPECT_EQ(value({"--config=my.xml"}, "c"), "my.xml");
    EXPECT_EQ(value({"--host", "foo.com", "--background"}, "h"), "foo.com");
    EXPECT_EQ(value({"--define", "port:5222", "-x", "who:a:b"}, "port"), "5222");
    EXPECT_EQ(value({"--define", "port:5222", "-x", "who:a:b"}, "who"), "a:b");
    EXPECT_EQ(value({"--unknown", "word", "-c", "my.xml"}, "c"), "my.xml");
}

TEST(CommandLine, NamesTheConfiguration)
{
    const classic::CommandLine named{{"-c", "/etc/my.xml"}}, usual{{}};
    EXPECT_EQ(named.configuration_file(), "/etc/my.xml");
    EXPECT_EQ(usual.configuration_file(), std::filesystem::current_path() / "jabber.xml");
}

} // namespace
} // namespace jabberd::test
