// SPDX-License-Identifier: LGPL-2.1-or-later
#include "upstream/wire/server_stream.h"

#include "base/view.h"
#include "xml/packet_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

namespace jabberd::test {
namespace {

using testing::ElementsAre;
using upstream::ServerStream;

constexpr xml::Limits limits{.bytes = 10000, .elements = 100, .attributes = 10, .depth = 16, .name_bytes = 100};
const std::string header = "<?xml version='1.0'?><stream:stream xmlns='jabber:client' id='1' "
                           "xmlns:stream='http://etherx.jabber.org/streams' from='foo.com' version='1.0'>";

class Heard final : public upstream::ServerStreamOwner {
public:
    void features(std::string_view children) override { events.push_back("features " + std::string{children}); }
    void element(const xml::Stanza &stanza) override
    {
        xml::append_packet(events.emplace_back(), stanza.packet);
        if (on_element)
            on_element();
    }
    void ended(End, std::string_view condition, std::string_view text) override
    {
        events.push_back("ended " + std::string{condition} + ": " + std::string{text});
    }
    bool moved(std::string_view where) override
    {
        events.push_back("moved to " + std::string{where});
        return follows;
    }
    void feed(std::string_view bytes) { stream.feed(bytes, limits, parsers); }

    std::vector<std::string> events;
    std::function<void()> on_element;
    bool follows = false;
    xml::ParserPool parsers;
    ServerStream stream{*this};
};

TEST(ServerStream, OpensAsAClientDoes)
{
    Heard heard;
    EXPECT_EQ(heard.stream.open("foo.com", "", ""), "<?xml version='1.0'?><stream:stream xmlns='jabber:client' "
                                                    "xmlns:stream='http://etherx.jabber.org/streams' to='foo.com' "
                                                    "version='1.0'>");
    EXPECT_THAT(heard.stream.open("foo.com", "a'@foo.com", "de"),
                testing::HasSubstr("from='a&apos;@foo.com' xml:lang='de' version='1.0'>"));
}

TEST(ServerStream, IsHeardInAnyPieces)
{
    const std::string bytes = header + "<stream:features><a xmlns='x'/></stream:features><message id='1'><body>&lt;"
                                       "</body></message> <success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"
                                       "</stream:stream>";
    for (std::size_t size : {bytes.size(), std::size_t{7}, std::size_t{1}}) {
        Heard heard;
        for (std::size_t at = 0; at < bytes.size(); at += size)
            heard.feed(std::string_view{bytes}.substr(at, size));
        EXPECT_THAT(heard.events, ElementsAre("features <a xmlns='x'/>", "<message id='1'><body>&lt;</body></message>",
                                              "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>", "ended : "));
    }
}

TEST(ServerStream, BeginsAnewFromInsideAnEvent)
{
    Heard heard;
    heard.on_element = [&] { heard.stream.open("foo.com", "", ""); };
    heard.feed(header + "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/><message/>");
    heard.feed(header + "<stream:features/>");
    EXPECT_THAT(heard.events, ElementsAre("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>", "features "));
}

TEST(ServerStream, EndsByTheServersWordAndByWhatIsNoStream)
{
    const auto end_of = [](const std::string &bytes) {
        Heard heard;
        heard.feed(bytes);
        heard.feed("<message/>");
        return heard.events.size() == 1 ? heard.events.front() : std::to_string(heard.events.size());
    };
    EXPECT_EQ(end_of(header + "<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/><text "
                              "xmlns='urn:ietf:params:xml:ns:xmpp-streams'>Replaced</text></stream:error>"),
              "ended conflict: Replaced");
    EXPECT_EQ(end_of(header + "<stream:error/>"), "ended undefined-condition: ");
    EXPECT_THAT(end_of("HTTP/1.1 400 Bad Request\r\n"), testing::StartsWith("ended "));
    EXPECT_THAT(end_of("<stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams'>"),
                testing::StartsWith("ended invalid-namespace"));
    EXPECT_THAT(end_of(header + "<stream:other/>"), testing::StartsWith("ended bad-format"));
    EXPECT_THAT(end_of(header + "<message><body>" + std::string(20000, 'x')),
                testing::StartsWith("ended policy-violation"));
    EXPECT_THAT(end_of(header + "<message></iq>"), testing::StartsWith("ended "));
}

TEST(ServerStream, EndsByAConditionThatOurClientsUnderstand)
{
    const auto end_of = [](const std::string &condition) {
        Heard heard;
        heard.feed(header + "<stream:error>" + condition +
                   "<text xmlns='urn:ietf:params:xml:ns:xmpp-streams'>Words</text></stream:error>");
        return heard.events.at(0);
    };
    const auto named = [](const std::string &name) {
        return "<" + name + " xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>";
    };
    EXPECT_EQ(end_of(named("unsupported-version")), "ended unsupported-version: Words");
    EXPECT_EQ(end_of(named("host-gone")), "ended undefined-condition: host-gone: Words");
}

TEST(ServerStream, SendsWhoFollowsElsewhere)
{
    for (const bool follows : {true, false}) {
        Heard heard;
        heard.follows = follows;
        heard.feed(header + "<stream:error><see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>192.0.2.1:5222"
                            "</see-other-host></stream:error></stream:stream>");
        if (follows)
            EXPECT_THAT(heard.events, ElementsAre("moved to 192.0.2.1:5222"));
        else
            EXPECT_THAT(heard.events, ElementsAre("moved to 192.0.2.1:5222", "ended reset: "));
    }
}

TEST(ServerStream, GoesOnAtAnyByte)
{
    const std::string bytes = header + "<stream:features/><message id='1'><body>&lt;</body></message> <presence/>";
    for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
        Heard first, second;
        first.feed(std::string_view{bytes}.substr(0, cut));
        second.events = first.events;
        second.stream.restore(first.stream.save(), limits, second.parsers);
        second.feed(std::string_view{bytes}.substr(cut));
        ASSERT_THAT(second.events,
                    ElementsAre("features ", "<message id='1'><body>&lt;</body></message>", "<presence/>"))
            << cut;
    }
}

TEST(ServerStream, IsNotRestoredFromAWholeElement)
{
    Heard heard;
    ServerStream::Value value{false, false, std::string{xml::usual_primer}, "<message/>"};
    EXPECT_THROW(heard.stream.restore(std::move(value), limits, heard.parsers), std::runtime_error);
}

} // namespace
} // namespace jabberd::test
