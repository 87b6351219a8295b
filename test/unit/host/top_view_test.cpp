// SPDX-License-Identifier: LGPL-2.1-or-later
// What `jabberd-ctl top` makes of two looks at a host.
#include "ctl/top_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace jabberd::ctl {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string session(const std::string &connection, const std::string &who, unsigned stanzas_in, unsigned bytes_in)
{
    return "{\"service\":\"c2s\",\"connection\":\"" + connection + "\",\"session\":\"" + who +
           "\",\"client\":\"192.0.2.7:1\",\"stanzas_in\":" + std::to_string(stanzas_in) +
           ",\"stanzas_out\":0,\"bytes_in\":" + std::to_string(bytes_in) + ",\"bytes_out\":0,\"queued_bytes\":0}";
}

Look look(double seconds, const std::string &sessions, const std::string &metrics = "")
{
    return {seconds, parse("{\"sessions\":[" + sessions + "]}"), metrics};
}

std::string view(const Look &before, const Look &now, std::size_t rows = 100, std::size_t columns = 300)
{
    return top_view(before, now, rows, columns);
}

TEST(TopView, HasTheBusiestFirst)
{
    const Look before =
        look(10, session("1@c2s/1", "alice@a/r", 1000, 90000) + "," + session("2@c2s/1", "bob@a/r", 0, 0));
    const Look now =
        look(12, session("1@c2s/1", "alice@a/r", 1002, 90200) + "," + session("2@c2s/1", "bob@a/r", 400, 9800));
    const std::string shown = view(before, now);
    EXPECT_LT(shown.find("bob@a/r"), shown.find("alice@a/r")) << shown;
    EXPECT_THAT(shown, testing::ContainsRegex("\n200 +0 +4.8.+KiB +98 % +0 bytes +0 bytes +bob@a/r +192.0.2.7:1"))
        << shown;
}

TEST(TopView, CountsANewConnectionUnderAnOldAddressFromItsBeginning)
{
    const Look before = look(1, session("1@c2s/1", "alice@a/r", 1000, 90000));
    const Look now = look(2, session("1@c2s/1", "alice@a/r", 3, 100));
    EXPECT_THAT(view(before, now), HasSubstr("\n3 ")) << "after the component has begun anew";
}

TEST(TopView, SumsWhatTheMetricsTell)
{
    const Look before = look(1, "",
                             "socket_manager_stanzas_total{service=\"c2s\",direction=\"in\"} 10\n"
                             "socket_manager_loop_busy_seconds_total{service=\"c2s\",loop=\"0\"} 1.5\n");
    const Look now = look(3, "",
                          "# HELP socket_manager_connections 12\n"
                          "socket_manager_connections{service=\"c2s\",state=\"unknown\",transport=\"tls\"} 2\n"
                          "socket_manager_connections{service=\"c2s\",state=\"authenticated\",transport=\"tls\"} 3\n"
                          "socket_manager_connections{service=\"w\",state=\"authenticated\",transport=\"tcp\"} 4\n"
                          "socket_manager_stanzas_total{service=\"c2s\",direction=\"in\"} 110\n"
                          "socket_manager_loop_busy_seconds_total{service=\"c2s\",loop=\"0\"} 2\n");
    const std::string shown = view(before, now);
    EXPECT_THAT(shown, HasSubstr("connections 9: 7 authenticated, 2 unknown, 0 detached\n"));
    EXPECT_THAT(shown, HasSubstr("in 50 stanzas/s, "));
    EXPECT_THAT(shown, HasSubstr("loops  c2s/0 25 %\n"));
}

TEST(TopView, FillsNoMoreThanTheScreen)
{
    std::string sessions;
    for (int i = 0; i < 50; ++i)
        sessions += (i == 0 ? "" : ",") + session(std::to_string(i) + "@c2s/1", "\\u00e4\\u001b@a/r", 1, 1);
    const std::string shown = view(look(1, ""), look(2, sessions), 10, 20);
    EXPECT_EQ(std::count(shown.begin(), shown.end(), '\n'), 10);
    EXPECT_THAT(shown, Not(HasSubstr("\033"))) << "of a client's name";
}

} // namespace
} // namespace jabberd::ctl
