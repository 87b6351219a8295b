// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/base/jid.h"

#include "session_manager/state/ended_sessions.h"

#include <gtest/gtest.h>

namespace jabberd::session_manager {
namespace {

TEST(Jid, IsFoldedWhereCaseDoesNotMatter)
{
    EXPECT_EQ(prepare_jid("Alice@Foo.COM/Home"), (Jid{"alice", "foo.com", "Home"}));
    EXPECT_EQ(prepare_jid("STRA\xC3\x9F"
                          "E@foo.com"),
              (Jid{"strasse", "foo.com", ""}));                                  // ß
    EXPECT_EQ(prepare_jid("\xC3\x84@foo.com"), prepare_jid("\xC3\xA4@foo.com")); // Ä, ä
    EXPECT_EQ(prepare_jid("foo.com"), (Jid{"", "foo.com", ""}));
}

TEST(Jid, HasOneHostInEverySpelling)
{
    for (const char *spelling :
         {"a@bücher.example", "a@BÜCHER.example", "a@xn--bcher-kva.example", "a@Bücher.example."})
        EXPECT_EQ(prepare_jid(spelling), (Jid{"a", "bücher.example", ""})) << spelling;
    EXPECT_EQ(prepare_jid("a@foo.com."), (Jid{"a", "foo.com", ""}));
    EXPECT_EQ(prepare_jid("a@foo_bar"), (Jid{"a", "foo_bar", ""}));
}

TEST(Jid, LeavesSlashesAndAtSignsToTheResource)
{
    EXPECT_EQ(prepare_jid("a@foo.com/b@c/d e"), (Jid{"a", "foo.com", "b@c/d e"}));
    EXPECT_EQ(prepare_jid("a@foo.com/b@c/d e")->full(), "a@foo.com/b@c/d e");
}

TEST(Jid, RefusesWhatItsProfilesForbid)
{
    for (const char *bad : {"", "@foo.com", "a@", "a@foo.com/", "a b@foo.com", "a'b@foo.com", "a&b@foo.com",
                            "a@b@foo.com", "a@foo com", "a\x01@foo.com", "a@foo.com/\x7F"})
        EXPECT_FALSE(prepare_jid(bad)) << bad;
    EXPECT_FALSE(prepare_user(std::string(1024, 'a')));
    EXPECT_TRUE(prepare_user(std::string(1023, 'a')));
    EXPECT_FALSE(prepare_user("\xEF\xBC\xA0")); // a full-width @ becomes a real one
}

TEST(EndedSessions, ForgetTheOldestFirst)
{
    EndedSessions ended;
    for (std::size_t i = 0; i <= EndedSessions::capacity; ++i)
        ended.add("a@foo.com/r", std::to_string(i));
    EXPECT_FALSE(ended.contains("a@foo.com/r", "0"));
    EXPECT_TRUE(ended.contains("a@foo.com/r", "1"));
    EXPECT_TRUE(ended.contains("a@foo.com", "1")); // as a stanza that comes back names it
    EXPECT_FALSE(ended.contains("b@foo.com/r", "1"));
}

} // namespace
} // namespace jabberd::session_manager
