// SPDX-License-Identifier: LGPL-2.1-or-later
// From a client's bytes to stanzas, without socket and session.
#include "connection/incoming.h"

#include "base/view.h"
#include "xml/packet_text.h"

#include <jabberd/snapshot.h>

#include <gtest/gtest.h>

#include <functional>
#include <stdexcept>
#include <vector>

namespace jabberd::connection {
namespace {

using namespace std::chrono_literals;

constexpr xml::Rules rules{
    .limits = {.bytes = 10000, .elements = 100, .attributes = 10, .depth = 10, .name_bytes = 100}};
constexpr std::string_view header =
    "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='foo.com'>";

class IncomingBytes : public testing::Test, protected xml::Events {
protected:
    IncomingBytes() : incoming_(config::Limits{}, Time{1h}) {}

    void on_stream_header(const xml::StreamHeader &sent) override
    {
        incoming_.header_came(sent.primer);
        events_.emplace_back("header");
    }
    void on_stanza(const xml::Stanza &stanza) override
    {
        xml::append_packet(events_.emplace_back(), stanza.packet);
        if (on_stanza_)
            on_stanza_();
    }
    void on_stream_end() override { events_.emplace_back("end"); }

    Incoming::Fed feed(std::string_view bytes) { return incoming_.feed(bytes, rules, parsers_, *this); }

    xml::ParserPool parsers_;
    Incoming incoming_;
    std::vector<std::string> events_;
    std::function<void()> on_stanza_;
};

TEST_F(IncomingBytes, BecomeTheSameStanzasInAnyPieces)
{
    const std::string all = std::string{header} + "<message><body>1</body></message> <iq/></stream:stream>";
    const std::vector<std::string> expected{"header", "<message><body>1</body></message>", "<iq/>", "end"};
    for (std::size_t size = 1; size <= all.size(); ++size) {
        events_.clear();
        incoming_.expect_header();
        for (std::size_t at = 0; at < all.size(); at += size)
            ASSERT_EQ(feed(std::string_view{all}.substr(at, size)).fault, xml::Fault::None) << size;
        EXPECT_EQ(events_, expected) << size;
    }
}

TEST_F(IncomingBytes, BehindAStopAreForTheNextParser)
{
    feed(header);
    on_stanza_ = [this] { incoming_.stop(); };
    const std::string_view bytes = "<a/><b/>";
    EXPECT_EQ(feed(bytes).taken, 4u);
    EXPECT_FALSE(incoming_.unfinished());
    EXPECT_EQ(feed(bytes.substr(4)).taken, 4u);
    EXPECT_EQ(events_, (std::vector<std::string>{"header", "<a/>", "<b/>"}));
}

TEST_F(IncomingBytes, MayBeForANewStreamBehindAStop)
{
    feed(header);
    on_stanza_ = [this] { incoming_.expect_header(); };
    const std::string bytes = "<auth/>" + std::string{header};
    const std::size_t taken = feed(bytes).taken;
    EXPECT_EQ(taken, 7u);
    EXPECT_TRUE(incoming_.header_due());
    feed(std::string_view{bytes}.substr(taken));
    EXPECT_EQ(events_, (std::vector<std::string>{"header", "<auth/>", "header"}));
    EXPECT_FALSE(incoming_.header_due());
}

TEST_F(IncomingBytes, AreHeldOnlyWhileTheirElementIsUnfinished)
{
    feed(header);
    EXPECT_EQ(incoming_.held_bytes(), 0u);
    EXPECT_TRUE(feed("<message><body>" + std::string(500, 'x')).began);
    EXPECT_GT(incoming_.held_bytes(), 500u);
    EXPECT_FALSE(feed("yy").began) << "it had begun before";
    std::size_t meanwhile = 1;
    on_stanza_ = [&] { meanwhile = incoming_.held_bytes(); };
    feed("</body></message>");
    EXPECT_EQ(meanwhile, 0u) << "what is being read is not held";
    EXPECT_EQ(incoming_.held_bytes(), 0u);
}

TEST_F(IncomingBytes, KeepTheDeclarationsOfTheirStream)
{
    feed("<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' xmlns:x='urn:x'>");
    for (int round = 0; round < 2; ++round)
        EXPECT_EQ(feed("<message><x:y/></message>").fault, xml::Fault::None);
    EXPECT_EQ(events_.back(), "<message><y xmlns='urn:x'/></message>");
}

TEST_F(IncomingBytes, ThatAreUnfinishedCrossASwap)
{
    feed("<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' xmlns:x='urn:x'>");
    feed("<message><x:y>1");
    incoming_.keep_unread("<iq/>");
    incoming_.count_bytes(100, Time{2h});
    incoming_.count_stanza();
    handover::ConnectionState state;
    state.stream = JABBERD_STREAM_OPEN;
    incoming_.save(state);
    EXPECT_EQ(state.unfinished, "<message><x:y>1");

    Incoming successor{config::Limits{}, Time{3h}};
    successor.restore(state, rules, parsers_);
    EXPECT_EQ(successor.bytes(), 100u);
    EXPECT_EQ(successor.stanzas(), 1u);
    EXPECT_EQ(successor.last_read(), Time{2h});
    EXPECT_EQ(successor.take_unread(), "<iq/>");
    EXPECT_TRUE(successor.unfinished());
    EXPECT_EQ(successor.feed("2</x:y></message>", rules, parsers_, *this).fault, xml::Fault::None);
    EXPECT_EQ(events_.back(), "<message><y xmlns='urn:x'>12</y></message>");
}

TEST_F(IncomingBytes, ThatAreNotUnfinishedAreNoSnapshot)
{
    handover::ConnectionState state;
    state.stream = JABBERD_STREAM_OPEN;
    for (const char *wrong : {"<message/>", "</a>", "text"}) {
        state.unfinished = wrong;
        Incoming successor{config::Limits{}, Time{3h}};
        EXPECT_THROW(successor.restore(state, rules, parsers_), std::runtime_error) << wrong;
    }
}

TEST_F(IncomingBytes, ThatComeTooFastAreReadLater)
{
    config::Limits limits;
    limits.bytes = {.per_second = 100, .burst = 1000};
    limits.stanzas = {};
    Incoming incoming{limits, Time{1h}};
    incoming.count_bytes(1000, Time{1h});
    incoming.charge_bytes(limits, 1000, Time{1h});
    EXPECT_LE(incoming.ready_at(limits), Time{1h});
    incoming.charge_bytes(limits, 200, Time{1h});
    EXPECT_EQ(incoming.ready_at(limits), Time{1h + 2s});
}

} // namespace
} // namespace jabberd::connection
