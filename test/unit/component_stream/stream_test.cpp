// SPDX-License-Identifier: LGPL-2.1-or-later
#include "heard_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace jabberd::test {
namespace {

using namespace component_stream;
using State = Stream::State;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class AcceptedStream : public testing::Test {
protected:
    void open()
    {
        heard.stream.feed(component_header);
        heard.stream.feed(heard.handshake());
        ASSERT_EQ(heard.stream.state(), State::Open);
        heard.take();
    }

    HeardStream heard{Role::Accept, Dialect::Component};
};

TEST_F(AcceptedStream, OpensAsXep0114Says)
{
    heard.stream.feed(component_header);
    EXPECT_EQ(heard.take(), "<?xml version='1.0'?><stream:stream xmlns:stream='http://etherx.jabber.org/streams' "
                            "id='id1' xmlns='jabber:component:accept' from='rooms.localhost'>");
    heard.stream.feed(heard.handshake());
    EXPECT_EQ(heard.take(), "<handshake/>");
    EXPECT_EQ(heard.name, "rooms.localhost");
    EXPECT_EQ(heard.stream.state(), State::Open);
}

TEST_F(AcceptedStream, SaysThatAWrongSecretIsOneWhenItIsTold)
{
    heard.stream.feed(component_header);
    heard.take();
    heard.stream.feed("<handshake>aaee83c26aeeafcbabeabfcbcd50df997e0a2a1e</handshake><message to='a@localhost'/>");
    EXPECT_EQ(heard.wrong, 1u);
    EXPECT_EQ(heard.take(), "");
    heard.stream.feed(heard.handshake());
    EXPECT_EQ(heard.stream.state(), State::Refused) << "one try a stream";
    heard.stream.refuse();
    EXPECT_THAT(heard.take(), testing::StartsWith("<stream:error><not-authorized "));
    EXPECT_THAT(heard.stanzas, IsEmpty());
    EXPECT_THAT(heard.ends, ElementsAre("ours not-authorized"));
}

TEST_F(AcceptedStream, IsForNamesThatAreExpected)
{
    heard.stream.feed("<stream:stream xmlns:stream='http://etherx.jabber.org/streams' "
                      "xmlns='jabber:component:accept' to='localhost'>");
    EXPECT_THAT(heard.take(), testing::AllOf(HasSubstr("<stream:stream "), HasSubstr("<host-unknown "),
                                             testing::EndsWith("</stream:stream>")));
    EXPECT_THAT(heard.ends, ElementsAre("ours host-unknown"));
}

TEST_F(AcceptedStream, IsForComponents)
{
    heard.stream.feed("<stream:stream xmlns:stream='http://etherx.jabber.org/streams' xmlns='jabber:client' "
                      "to='rooms.localhost'>");
    EXPECT_THAT(heard.take(), testing::AllOf(HasSubstr("<stream:stream "), HasSubstr("<invalid-namespace ")));
}

TEST_F(AcceptedStream, TakesNothingBeforeTheHandshake)
{
    heard.stream.feed(std::string{component_header} + "<message from='rooms.localhost' to='a@localhost'/>");
    EXPECT_THAT(heard.take(), HasSubstr("<not-authorized "));
    EXPECT_THAT(heard.stanzas, IsEmpty());
}

TEST_F(AcceptedStream, ReportsStanzasAsPackets)
{
    open();
    heard.stream.feed("<message to='a@localhost' from='x@rooms.localhost'><body>hi</body><x xmlns='jabber:x:oob'/>"
                      "</message><presence xmlns='jabber:client'/>");
    EXPECT_THAT(heard.stanzas, ElementsAre("<message to='a@localhost' from='x@rooms.localhost'><body>hi</body>"
                                           "<x xmlns='jabber:x:oob'/></message>",
                                           "<presence/>"));
}

TEST_F(AcceptedStream, EndsAtAStanzaThatIsTooLarge)
{
    heard.options.stanza.bytes = 20000;
    open();
    heard.stream.feed("<message><body>" + std::string(15000, 'x') + "</body></message>");
    EXPECT_EQ(heard.stanzas.size(), 1u) << "more than before the handshake";
    heard.stream.feed("<message><body>" + std::string(20000, 'x'));
    EXPECT_THAT(heard.take(), HasSubstr("<policy-violation "));
    EXPECT_THAT(heard.ends, ElementsAre("ours policy-violation"));
}

TEST_F(AcceptedStream, EndsAtGarbage)
{
    for (const std::string garbage : {"</message>", "<message", "&lol;", "<!DOCTYPE a>", "\xff", "text", "<a:b/>"}) {
        HeardStream other{Role::Accept, Dialect::Component};
        other.stream.feed(component_header);
        other.stream.feed(other.handshake());
        other.take();
        other.stream.feed(garbage + "<<");
        EXPECT_THAT(other.take(), HasSubstr("<stream:error>")) << garbage;
        EXPECT_EQ(other.ends.size(), 1u) << garbage;
    }
}

TEST_F(AcceptedStream, CannotHaveNamesThatAreTaken)
{
    heard.refusal = stream::StreamError{stream::Condition::Conflict, "taken"};
    heard.stream.feed(component_header);
    heard.take();
    heard.stream.feed(heard.handshake());
    EXPECT_THAT(heard.take(), testing::StartsWith("<stream:error><conflict "));
    EXPECT_THAT(heard.ends, ElementsAre("ours conflict"));
}

TEST_F(AcceptedStream, GoesOnInTheMiddleOfAnElement)
{
    open();
    const std::string whole = "<message to='a@localhost' from='x@rooms.localhost'><body>hi</body></message>";
    for (std::size_t cut = 0; cut < whole.size(); ++cut) {
        HeardStream before{Role::Accept, Dialect::Component}, after{Role::Accept, Dialect::Component};
        before.stream.feed(component_header);
        before.stream.feed(before.handshake());
        before.stream.feed(" " + whole + " " + whole.substr(0, cut));
        after.stream.restore(before.stream.save());
        after.stream.feed(whole.substr(cut));
        EXPECT_THAT(after.stanzas, ElementsAre(whole)) << cut;
    }
}

TEST_F(AcceptedStream, IsNotRestoredFromWhatIsNoStream)
{
    for (const std::string primer : {"", "<t>", "<root", "<root/>", "<root><a/>", "text", "<root><a>"}) {
        Stream::Value value;
        value.state = State::Open;
        value.primer = primer;
        EXPECT_THROW(heard.stream.restore(value), std::runtime_error) << primer;
    }
    Stream::Value value;
    value.state = State::Open;
    value.primer = "<root>";
    value.unfinished = "<a/>";
    EXPECT_THROW(heard.stream.restore(value), std::runtime_error);
    value.unfinished = "<a>";
    EXPECT_NO_THROW(heard.stream.restore(value));
}

TEST(ConnectedStream, OpensAsXep0114Says)
{
    HeardStream heard{Role::Connect, Dialect::Component};
    heard.stream.begin();
    EXPECT_EQ(heard.take(), component_header);
    heard.stream.feed("<stream:stream xmlns:stream='http://etherx.jabber.org/streams' "
                      "xmlns='jabber:component:accept' from='rooms.localhost' id='id1'>");
    EXPECT_EQ(heard.take(), heard.handshake());
    heard.stream.feed("<handshake/><message from='a@localhost' to='rooms.localhost'><body>" + std::string(15000, 'x') +
                      "</body></message>");
    EXPECT_EQ(heard.stream.state(), State::Open);
    EXPECT_EQ(heard.stanzas.size(), 1u) << "what is behind the answer has an open stream's limits";
}

TEST(ConnectedStream, HearsWhyItIsRefused)
{
    HeardStream heard{Role::Connect, Dialect::Component};
    heard.stream.begin();
    heard.stream.feed("<stream:stream xmlns:stream='http://etherx.jabber.org/streams' "
                      "xmlns='jabber:component:accept' id='id1'><stream:error><not-authorized "
                      "xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>");
    EXPECT_THAT(heard.ends, ElementsAre("peer not-authorized"));
}

TEST(ConnectedStream, NeedsAnIdForTheHandshake)
{
    HeardStream heard{Role::Connect, Dialect::Component};
    heard.stream.begin();
    heard.stream.feed("<stream:stream xmlns:stream='http://etherx.jabber.org/streams' "
                      "xmlns='jabber:component:accept'>");
    EXPECT_THAT(heard.ends, ElementsAre("ours bad-format"));
}

} // namespace
} // namespace jabberd::test
