// SPDX-License-Identifier: LGPL-2.1-or-later
#include "xml/parser_pool.h"

#include "support/heard.h"

#include <gtest/gtest.h>

namespace jabberd::test {
namespace {

using xml::ParserPool;
using xml::usual_primer;

// Whether the pool lends the parser again that was given back to it. (Held until then: no new parser can have the same
// address.)
bool kept(ParserPool &pool, std::unique_ptr<xml::Parser> parser)
{
    const xml::Parser *address = parser.get();
    pool.give_back(std::move(parser), usual_primer);
    return pool.borrow(usual_primer).get() == address;
}

// What the next borrower hears.
Heard next(ParserPool &pool)
{
    return hear_from(*pool.borrow(usual_primer), "<iq/>");
}

TEST(ParserPool, LendsAParserAgain)
{
    ParserPool pool;
    auto parser = pool.borrow(usual_primer);
    EXPECT_EQ(hear_from(*parser, "<message/> \n"), Heard{{"<message/>"}});
    EXPECT_TRUE(kept(pool, std::move(parser)));
}

TEST(ParserPool, KeepsTheParserThatReadAUsualHeader)
{
    ParserPool pool;
    auto parser = std::make_unique<xml::Parser>();
    hear_from(*parser, usual_header);
    EXPECT_TRUE(kept(pool, std::move(parser)));
}

TEST(ParserPool, KeepsNoParserThatIsNotAtABoundary)
{
    for (const char *left : {"<message>", "<", "<![CDATA[", "<!-- -->", "</stream:stream>", "<message></iq>"}) {
        ParserPool pool;
        auto parser = pool.borrow(usual_primer);
        hear_from(*parser, left);
        pool.give_back(std::move(parser), usual_primer);
        EXPECT_EQ(next(pool), Heard{{"<iq/>"}}) << left;
    }
}

TEST(ParserPool, KeepsNoParserOfAnotherPrimer)
{
    const std::string other = "<s:stream xmlns='jabber:client' xmlns:s='http://etherx.jabber.org/streams'>";
    ParserPool pool;
    pool.give_back(pool.borrow(other), other);
    EXPECT_EQ(hear_from(*pool.borrow(other), "<iq/></s:stream>"), (Heard{{"<iq/>", "end"}}));
    EXPECT_EQ(hear_from(*pool.borrow(usual_primer), "<iq/></stream:stream>"), (Heard{{"<iq/>", "end"}}));
}

TEST(ParserPool, KnowsTheUsualPrimerInBothOrders)
{
    EXPECT_TRUE(xml::is_usual_primer(usual_primer));
    EXPECT_TRUE(
        xml::is_usual_primer("<stream:stream xmlns:stream='http://etherx.jabber.org/streams' xmlns='jabber:client'>"));
    EXPECT_FALSE(
        xml::is_usual_primer("<stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams'>"));
    EXPECT_FALSE(xml::is_usual_primer(
        "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' xmlns:x='u'>"));
}

TEST(ParserPool, KeepsNoParserThatIsWornOut)
{
    ParserPool pool;
    auto parser = pool.borrow(usual_primer);
    for (int i = 0; i < 3000 && !parser->worn_out(); ++i)
        hear_from(*parser, "<message><a" + std::string(100, 'x') + std::to_string(i) + "/></message>");
    EXPECT_TRUE(parser->worn_out());
    EXPECT_TRUE(parser->at_boundary());
    pool.give_back(std::move(parser), usual_primer);
    EXPECT_FALSE(pool.borrow(usual_primer)->worn_out());
}

} // namespace
} // namespace jabberd::test
