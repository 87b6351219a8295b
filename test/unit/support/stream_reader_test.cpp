// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/stream_reader.h"

#include <gtest/gtest.h>

namespace jabberd::test {
namespace {

constexpr std::string_view stream =
    "<?xml version='1.0'?><stream:stream xmlns:stream='http://etherx.jabber.org/streams' xmlns='jabber:client' id='1'>"
    " <message><body>hi</body></message>\n<stream:error/></stream:stream>";

std::string told(StreamReader &reader)
{
    std::string text;
    for (const StreamEvent &event : reader.events())
        text += event.text() + "\n";
    return text;
}

TEST(StreamReader, SplitsAStreamIntoHeaderElementsAndEnd)
{
    StreamReader reader;
    reader.read(stream);
    EXPECT_EQ(told(reader),
              "<stream:stream id='1'>\n<message><body>hi</body></message>\n<stream:error/>\n</stream:stream>\n");
    EXPECT_EQ(reader.error(), "");
}

TEST(StreamReader, AnyChunkingGivesTheSame)
{
    StreamReader whole, bytewise;
    whole.read(stream);
    for (const char &byte : stream)
        bytewise.read({&byte, 1});
    EXPECT_EQ(told(bytewise), told(whole));
}

TEST(StreamReader, ReportsWhatIsNotXml)
{
    StreamReader reader;
    reader.read("<a><b></a>");
    EXPECT_EQ(reader.error(), "mismatched tag");
}

TEST(StreamReader, ReportsWhatComesBehindTheEnd)
{
    StreamReader reader;
    reader.read(stream);
    reader.read("<message/>");
    EXPECT_NE(reader.error(), "");
}

} // namespace
} // namespace jabberd::test
