// SPDX-License-Identifier: LGPL-2.1-or-later
#include "net/out_queue.h"

#include <gtest/gtest.h>

#include <random>
#include <utility>
#include <vector>

namespace jabberd::net {
namespace {

using Stanzas = std::vector<std::pair<std::string, std::string>>; // text, sfrom

void queue(OutQueue &out, std::string_view stanza, std::string_view sfrom = "a@x")
{
    out.begin_stanza() += stanza;
    out.end_stanza(sfrom);
}

Stanzas taken_back(OutQueue &out)
{
    Stanzas all;
    out.take_back([&](std::string_view stanza, std::string_view sfrom) { all.emplace_back(stanza, sfrom); });
    return all;
}

TEST(OutQueue, WritesInTheOrderOfQueueing)
{
    OutQueue out;
    EXPECT_TRUE(out.empty());
    out.append("<stream>");
    queue(out, "<a/>");
    out.append(" ");
    queue(out, "<b/>");
    EXPECT_EQ(out.unwritten(), "<stream><a/> <b/>");
    EXPECT_EQ(out.size(), 17u);
    EXPECT_EQ(out.stanzas(), 2u);
}

TEST(OutQueue, CountsWhatIsBetweenTheFirstAndTheLastStanza)
{
    OutQueue out;
    out.append("<stream>");
    EXPECT_EQ(out.between(), 8u);
    queue(out, "<first/>");
    EXPECT_EQ(out.between(), 0u);
    queue(out, "<last/>");
    EXPECT_EQ(out.between(), 0u);
    out.append(" ");
    queue(out, "<one more/>");
    EXPECT_EQ(out.between(), 8u);
    out.append("  ");
    EXPECT_EQ(out.between(), 10u);
    EXPECT_EQ(out.between(3), 6u);
    out.wrote(10); // into the first
    EXPECT_EQ(out.between(), 10u);
    out.wrote(6); // all of it
    EXPECT_EQ(out.between(), 3u);
}

TEST(OutQueue, CountsStanzasThatBecameWhole)
{
    OutQueue out;
    out.append("12");
    queue(out, "<a/>");
    queue(out, "<b/>");
    EXPECT_EQ(out.wrote(2).stanzas, 0u);
    EXPECT_EQ(out.wrote(3).stanzas, 0u);
    EXPECT_EQ(out.unwritten(), "><b/>");
    EXPECT_EQ(out.wrote(1).stanzas, 1u);
    EXPECT_EQ(out.wrote(4).stanzas, 1u);
    EXPECT_TRUE(out.empty());
    EXPECT_EQ(out.stanzas(), 0u);
}

TEST(OutQueue, SaysWhenAMarkIsReached)
{
    OutQueue out;
    queue(out, "<a/>");
    out.mark("a@x");
    out.mark("a@x");
    queue(out, "<b/>");
    out.mark("a@x");
    EXPECT_EQ(out.wrote(3).marks, 0u);
    const auto [stanzas, marks] = out.wrote(2);
    EXPECT_EQ(stanzas, 1u);
    EXPECT_EQ(marks, 2u);
    OutQueue successor;
    for (const OutQueue::Piece &piece : out.pieces())
        successor.restore(piece);
    EXPECT_EQ(taken_back(out), (Stanzas{{"<b/>", "a@x"}, {"", "a@x"}}));
    EXPECT_EQ(successor.wrote(3).marks, 1u);
    EXPECT_TRUE(successor.empty());
}

TEST(OutQueue, DropsItsFirstStanzasAndTheMarksBehindThem)
{
    OutQueue out;
    queue(out, "<a/>");
    out.mark("a@x");
    queue(out, "<b/>");
    queue(out, "<c/>");
    out.mark("a@x");
    EXPECT_EQ(out.marks(), 2u);
    EXPECT_EQ(out.drop(0).marks, 0u);
    const auto [stanzas, marks] = out.drop(2);
    EXPECT_EQ(stanzas, 2u);
    EXPECT_EQ(marks, 1u);
    EXPECT_EQ(out.unwritten(), "<c/>");
    EXPECT_EQ(out.drop(1).marks, 1u);
    EXPECT_TRUE(out.empty());
    EXPECT_EQ(out.stanzas(), 0u);
}

TEST(OutQueue, ForgetsItsMarks)
{
    OutQueue out;
    queue(out, "<a/>");
    out.mark("a@x");
    queue(out, "<b/>");
    out.forget_marks();
    EXPECT_EQ(taken_back(out), (Stanzas{{"<a/>", "a@x"}, {"<b/>", "a@x"}}));
}

TEST(OutQueue, TakesBackWholeWhatWasWrittenInPart)
{
    OutQueue out;
    queue(out, "<a/>");
    queue(out, "<b/>");
    queue(out, "<c/>");
    out.append("</stream>");
    out.wrote(5);
    EXPECT_EQ(taken_back(out), (Stanzas{{"<b/>", "a@x"}, {"<c/>", "a@x"}}));
    EXPECT_TRUE(out.empty());
    EXPECT_EQ(taken_back(out), Stanzas{});
}

TEST(OutQueue, TakesBackEachWithItsSfrom)
{
    OutQueue out;
    queue(out, "<a/>", "x@1");
    queue(out, "<b/>", "y@2");
    queue(out, "<c/>", "x@1");
    queue(out, "<d/>", "");
    out.wrote(4);
    EXPECT_EQ(taken_back(out), (Stanzas{{"<b/>", "y@2"}, {"<c/>", "x@1"}, {"<d/>", ""}}));
}

TEST(OutQueue, AStanzaWhoseLastByteIsMissingWasNotDelivered)
{
    OutQueue out;
    queue(out, "<a/>");
    out.wrote(3);
    EXPECT_EQ(taken_back(out), (Stanzas{{"<a/>", "a@x"}}));
}

TEST(OutQueue, CanBeUsedAgain)
{
    OutQueue out;
    queue(out, "<a/>", "x@1");
    out.wrote(4);
    queue(out, "<b/>", "y@2");
    EXPECT_EQ(taken_back(out), (Stanzas{{"<b/>", "y@2"}}));
    queue(out, "<c/>", "z@3");
    EXPECT_EQ(out.unwritten(), "<c/>");
    EXPECT_EQ(taken_back(out), (Stanzas{{"<c/>", "z@3"}}));
}

TEST(OutQueue, KeepsALargeStanzaWholeWhileItsBeginningIsDropped)
{
    OutQueue out;
    const std::string small = "<s/>", large = "<l>" + std::string(300'000, 'x') + "</l>";
    for (int i = 0; i < 30'000; ++i)
        queue(out, small);
    queue(out, large);
    queue(out, small);
    std::size_t left = 30'000 * small.size() + 200'000;
    for (; left > 1000; left -= 1000)
        out.wrote(1000);
    out.wrote(left);
    EXPECT_EQ(out.stanzas(), 2u);
    EXPECT_EQ(taken_back(out), (Stanzas{{large, "a@x"}, {small, "a@x"}}));
}

TEST(OutQueue, LosesAndDoublesNothing)
{
    std::mt19937 random{3};
    for (int round = 0; round < 200; ++round) {
        OutQueue out;
        std::string expected, written;
        Stanzas queued;
        std::vector<std::size_t> ends;
        std::size_t whole = 0;
        for (int step = 0; step < 100; ++step) {
            if (random() % 3 != 0) {
                const std::string stanza(1 + random() % 5000, static_cast<char>('a' + step % 26));
                const std::string sfrom(1, static_cast<char>('A' + random() % 3));
                queue(out, stanza, sfrom);
                expected += stanza;
                queued.emplace_back(stanza, sfrom);
                ends.push_back(expected.size());
            } else {
                const std::string more(random() % 10, ' ');
                out.append(more);
                expected += more;
            }
            const std::size_t count = out.size() == 0 ? 0 : random() % (out.size() + 1);
            written += out.unwritten().substr(0, count);
            whole += out.wrote(count).stanzas;
            ASSERT_EQ(written + std::string{out.unwritten()}, expected);
        }
        std::size_t written_whole = 0;
        while (written_whole < ends.size() && ends[written_whole] <= written.size())
            ++written_whole;
        EXPECT_EQ(whole, written_whole);
        EXPECT_EQ(taken_back(out), Stanzas(queued.begin() + static_cast<std::ptrdiff_t>(whole), queued.end()));
    }
}

} // namespace
} // namespace jabberd::net
