// SPDX-License-Identifier: LGPL-2.1-or-later
// What jabberd 1.1.2, 1.4.4 and 1.6.1.1 have written to one another: our end takes it, and writes the same but for ids.
#include "heard_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace jabberd::test {
namespace {

using namespace component_stream;
using testing::ElementsAre;
using State = Stream::State;

TEST(RecordedStream, OfAConnecting112IsAccepted)
{
    HeardStream heard{Role::Accept, Dialect::Session};
    heard.stream.feed("<root>");
    EXPECT_EQ(heard.take(), "<?xml version='1.0'?><stream:stream xmlns:stream='http://etherx.jabber.org/streams' "
                            "id='id1' xmlns='jabberd:sockets'>");
    heard.stream.feed(heard.handshake());
    EXPECT_EQ(heard.take(), "<handshake/>");
    heard.stream.feed("<iq id='614b' type='result' sto='1@pth-csock.localhost/1' sfrom='alice@localhost/home'/>"
                      "<message to='bob@localhost/home' type='chat' from='alice@localhost/home' "
                      "sto='0@pth-csock.localhost/2' sfrom='bob@localhost'><body>hello bob</body></message>");
    EXPECT_THAT(heard.stanzas,
                ElementsAre("<iq id='614b' type='result' sto='1@pth-csock.localhost/1' sfrom='alice@localhost/home'/>",
                            "<message to='bob@localhost/home' from='alice@localhost/home' type='chat' "
                            "sto='0@pth-csock.localhost/2' sfrom='bob@localhost'><body>hello bob</body></message>"));
    heard.stream.feed("</root>");
    EXPECT_THAT(heard.ends, ElementsAre("closed "));
}

TEST(RecordedStream, OfA112BeginsWithARootAndNothingElse)
{
    for (const std::string header : {"<t>", "<root xmlns='jabber:client'>", "<message>"}) {
        HeardStream heard{Role::Accept, Dialect::Session};
        heard.stream.feed(header + "<a");
        EXPECT_THAT(heard.ends, ElementsAre("ours invalid-namespace")) << header;
    }
}

TEST(RecordedStream, OfAnAccepting112IsOpened)
{
    HeardStream heard{Role::Connect, Dialect::Session};
    heard.stream.begin();
    EXPECT_EQ(heard.take(), "<root>");
    heard.stream.feed("<?xml version='1.0'?><stream:stream xmlns:stream='http://etherx.jabber.org/streams' "
                      "id='id1' xmlns='jabberd:sockets'>");
    EXPECT_EQ(heard.take(), heard.handshake());
    heard.stream.feed("<handshake/>");
    EXPECT_EQ(heard.stream.state(), State::Open);
    heard.stream.feed("<presence sto='alice@localhost/home' sfrom='1@pth-csock.localhost/1'/>");
    EXPECT_THAT(heard.stanzas, ElementsAre("<presence sto='alice@localhost/home' sfrom='1@pth-csock.localhost/1'/>"));
}

TEST(RecordedStream, OfA112WithAnotherSecretIsAnAnswerToo)
{
    HeardStream heard{Role::Connect, Dialect::Session};
    heard.stream.begin();
    heard.stream.feed("<?xml version='1.0'?><stream:stream xmlns:stream='http://etherx.jabber.org/streams' "
                      "id='6B0C1B33' xmlns='jabberd:sockets'>");
    heard.stream.feed("<stream:error>Invalid Handshake</stream:error></stream:stream>");
    EXPECT_THAT(heard.ends, ElementsAre("peer not-authorized"));
}

TEST(RecordedStream, OfAConnecting144IsAccepted)
{
    HeardStream heard{Role::Accept, Dialect::Route};
    heard.stream.feed("<?xml version='1.0'?><stream:stream xmlns:stream='http://etherx.jabber.org/streams' "
                      "id='6B0C286A' xmlns='jabber:component:accept' to='c2s'>");
    EXPECT_EQ(heard.take(), "<?xml version='1.0'?><stream:stream xmlns:stream='http://etherx.jabber.org/streams' "
                            "id='id1' xmlns='jabber:component:accept' from='to-sessions'>");
    heard.stream.feed(heard.handshake());
    EXPECT_EQ(heard.take(), "<handshake/>");
    heard.stream.feed("<route from='alice@localhost/home' to='13@c2s/254EB340' type='auth'>"
                      "<iq type='result' id='a1'/></route>");
    EXPECT_THAT(heard.stanzas, ElementsAre("<route to='13@c2s/254EB340' from='alice@localhost/home' type='auth'>"
                                           "<iq type='result' id='a1'/></route>"));
}

TEST(RecordedStream, OfAConnecting1611IsAccepted)
{
    HeardStream heard{Role::Accept, Dialect::Route};
    heard.stream.feed("<?xml version='1.0'?><stream:stream xmlns:stream='http://etherx.jabber.org/streams' "
                      "id='0689037afc873b255ecfe4891d0015281c9ac792' to='c2s' xmlns='jabber:component:accept'>");
    heard.stream.feed(heard.handshake());
    EXPECT_EQ(heard.stream.state(), State::Open);
}

TEST(RecordedStream, OfA144WithAnotherSecretIsAnAnswerToo)
{
    HeardStream heard{Role::Connect, Dialect::Route};
    heard.stream.begin();
    EXPECT_EQ(heard.take(), "<?xml version='1.0'?><stream:stream xmlns:stream='http://etherx.jabber.org/streams' "
                            "xmlns='jabber:component:accept' to='to-sessions'>");
    heard.stream.feed("<?xml version='1.0'?><stream:stream xmlns:stream='http://etherx.jabber.org/streams' "
                      "id='6B0C1B2D' xmlns='jabber:component:accept' from='c2s'>");
    heard.stream.feed("<stream:error><not-authorized xmlns='urn:ietf:params:xml:ns:xmpp-streams'/><text "
                      "xmlns='urn:ietf:params:xml:ns:xmpp-streams' xml:lang='en'>Invalid handshake</text>"
                      "</stream:error>");
    EXPECT_THAT(heard.ends, ElementsAre("peer not-authorized"));
}

} // namespace
} // namespace jabberd::test
