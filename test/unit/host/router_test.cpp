// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/answer.h"
#include "fake_service.h"
#include "host/routing/beyond.h"
#include "host/trace/trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <iterator>
#include <random>
#include <sstream>

namespace jabberd::host {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class Routing : public testing::Test {
protected:
    void start_all()
    {
        for (FakeService *fake : {&c2s_, &sessions_, &rest_})
            fake->service.start();
    }

    Trace trace_;
    Router router_{trace_};
    FakeService c2s_{router_, "c2s", {"c2s"}};
    FakeService sessions_{router_, "sessions", {"foo.com"}};
    FakeService rest_{router_, "rest", {""}};
};

TEST_F(Routing, GoesByTheHostOfStoWhateverToSays)
{
    start_all();
    EXPECT_EQ(c2s_.deliver(session_message("alice@FOO.com/r", "7@c2s/1")), JABBERD_DELIVERED);
    EXPECT_THAT(sessions_.last(), HasSubstr("sto='alice@FOO.com/r'"));
    sessions_.deliver(session_message("7@c2s/1", "alice@foo.com/r"));
    EXPECT_THAT(c2s_.last(), HasSubstr("to='bob@foo.com'"));
}

TEST_F(Routing, KnowsAHostByEverySpellingOfItsName)
{
    FakeService books{router_, "books", {"Bücher.example"}};
    start_all();
    books.service.start();
    std::size_t count = 0;
    for (const char *name :
         {"bücher.example", "BÜCHER.example", "xn--bcher-kva.example", "bücher.example.", "XN--BCHER-KVA.EXAMPLE"}) {
        c2s_.deliver(message("bob@" + std::string{name} + "/r", "x"));
        EXPECT_THAT(books.received(), SizeIs(++count)) << name;
    }
    c2s_.deliver(message("bob@foo.com.", "x"));
    EXPECT_THAT(sessions_.received(), SizeIs(1));
    c2s_.deliver(message("bob@bucher.example", "x"));
    EXPECT_THAT(books.received(), SizeIs(count));
}

TEST_F(Routing, GoesByToWhereThereIsNoSto)
{
    start_all();
    c2s_.deliver(message("bob@foo.com/r@c2s", "x"));
    EXPECT_THAT(sessions_.received(), SizeIs(1));
}

TEST_F(Routing, AsksTheOneForEveryOtherNameOnlyWithoutSto)
{
    start_all();
    c2s_.deliver(message("bob@elsewhere.org", "alice@foo.com"));
    EXPECT_THAT(rest_.received(), SizeIs(1));
    c2s_.deliver(session_message("bob@elsewhere.org", "7@c2s/1"));
    EXPECT_THAT(rest_.received(), SizeIs(1));
    EXPECT_THAT(c2s_.last(), HasSubstr("Server Configuration Error"));
}

TEST_F(Routing, ReturnsASessionPacketOfAnUnknownNameAsA510)
{
    start_all();
    c2s_.deliver(session_message("bar.org", "7@c2s/1"));
    EXPECT_THAT(
        c2s_.received(),
        ElementsAre(
            "<message to='bob@foo.com' from='alice@foo.com' type='error' sto='7@c2s/1' sfrom='bar.org'><body>hi</body>"
            "<error code='510' type='chat'>Server Configuration Error</error></message>"));
}

TEST_F(Routing, ReturnsASessionPacketThatNobodyTookAsA510)
{
    start_all();
    for (const jabberd_result result : {JABBERD_PASS, JABBERD_ERROR}) {
        sessions_.on_packet = [=](const jabberd_packet &) { return result; };
        c2s_.deliver(session_message("foo.com", "7@c2s/1"));
        EXPECT_THAT(c2s_.last(), HasSubstr("<error code='510' type='chat'>Server Delivery Error</error>"));
    }
    EXPECT_EQ(sessions_.service.counters().returned, 2u);
}

TEST_F(Routing, ReturnsAStanzaAsAnErrorWithToAndFromSwapped)
{
    start_all();
    sessions_.on_packet = [](const jabberd_packet &) { return JABBERD_PASS; };
    c2s_.deliver(message("bob@foo.com", "x@c2s"));
    EXPECT_THAT(c2s_.received(), ElementsAre("<message to='x@c2s' from='bob@foo.com' type='error'><body>hi</body>"
                                             "<error code='503' type='cancel'><service-unavailable "
                                             "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>"));
}

// What goes to the program around the host, and comes from there, is shown by its name.
TEST(Router, ShowsWhatIsBeyondByItsName)
{
    struct : Beyond {
        const char *name() const override { return "jabberd 1.4"; }
        jabberd_result take(const jabberd_packet &) override { return JABBERD_DONE; }
    } beyond;
    Trace trace;
    TraceListener listener{trace, ""};
    Router router{trace, &beyond};
    FakeService c2s{router, "c2s", {"c2s"}};
    c2s.service.start();
    c2s.deliver(message("bob@foo.com", "x@c2s"));
    EXPECT_THAT(listener.take(), HasSubstr(R"("from":"c2s","to":"jabberd 1.4")"));
    router.route(nullptr, message("x@c2s", "bob@foo.com"));
    EXPECT_THAT(listener.take(), HasSubstr(R"("from":"jabberd 1.4","to":"c2s")"));
    jabberd_packet nowhere = message("", "x@c2s");
    nowhere.to = {};
    c2s.deliver(nowhere);
    EXPECT_THAT(listener.take(), HasSubstr(R"("from":"c2s","to":"")")) << "without an address it is nobody's";
    EXPECT_STREQ(router.host_name(), "jabberd 1.4");
    EXPECT_STREQ((Router{trace}.host_name()), "jabberd-host");
}

TEST(Router, ReturnsAStanzaOfAnUnknownNameAsA404)
{
    Trace trace;
    Router router{trace};
    FakeService c2s{router, "c2s", {"c2s"}};
    c2s.service.start();
    c2s.deliver(message("bob@bar.org", "x@c2s"));
    EXPECT_THAT(c2s.last(), HasSubstr("<error code='404' type='cancel'><remote-server-not-found xmlns="));
}

TEST_F(Routing, NeverReturnsAnErrorA510AResultOrWhatNobodySigned)
{
    start_all();
    const auto pass = [](const jabberd_packet &) { return JABBERD_PASS; };
    sessions_.on_packet = pass;

    jabberd_packet error = session_message("foo.com", "7@c2s/1");
    error.type = view("error");
    jabberd_packet notice = session_message("foo.com", "7@c2s/1");
    notice.body = view("<error code='510'>Disconnected</error>");
    jabberd_packet result = message("foo.com", "x@c2s");
    result.name = view("iq");
    result.type = view("result");
    jabberd_packet unsigned_session = session_message("foo.com", "");
    unsigned_session.sfrom = {};
    jabberd_packet unsigned_stanza = message("foo.com", "");
    unsigned_stanza.from = {};
    for (const jabberd_packet &packet : {error, notice, result, unsigned_session, unsigned_stanza})
        c2s_.deliver(packet);

    EXPECT_THAT(sessions_.received(), SizeIs(5));
    EXPECT_THAT(c2s_.received(), IsEmpty());
}

TEST_F(Routing, DropsWhatIsForNobodyAndFromNobody)
{
    start_all();
    jabberd_packet packet = message("", "");
    packet.to = packet.from = {};
    EXPECT_EQ(c2s_.deliver(packet), JABBERD_DELIVERED);
    EXPECT_THAT(rest_.received(), IsEmpty());
}

TEST_F(Routing, AsksHandlersByOrderAndStopsAtTheFirstThatTakesIt)
{
    static std::string asked;
    asked.clear();
    const auto says = [](void *data, const jabberd_packet *) {
        asked += static_cast<const char *>(data);
        return JABBERD_PASS;
    };
    char precond[] = "precond ", cond[] = "cond ", predeliver[] = "predeliver ", late[] = "late ";
    sessions_.add_handler(JABBERD_DELIVER, says, late); // behind the fake's own, which takes everything
    sessions_.add_handler(JABBERD_PREDELIVER, says, predeliver);
    sessions_.add_handler(JABBERD_PRECOND, says, precond);
    sessions_.add_handler(JABBERD_COND, says, cond);
    start_all();
    c2s_.deliver(message("foo.com", "x"));
    EXPECT_EQ(asked, "precond cond predeliver ");
}

TEST_F(Routing, ComesBackIntoTheSendersOwnHandlerBeforeItReturns)
{
    start_all();
    sessions_.on_packet = [&](const jabberd_packet &) {
        sessions_.deliver(session_message("7@c2s/1", "alice@foo.com/r"));
        return JABBERD_DONE;
    };
    c2s_.deliver(session_message("foo.com", "7@c2s/1"));
    EXPECT_THAT(c2s_.received(), SizeIs(1));
}

TEST_F(Routing, EndsACircleOfComponentsThatAnswerEachOther)
{
    start_all();
    c2s_.on_packet = [&](const jabberd_packet &) { return c2s_.deliver(message("foo.com", "x@c2s")), JABBERD_DONE; };
    sessions_.on_packet = [&](const jabberd_packet &) {
        return sessions_.deliver(message("c2s", "foo.com")), JABBERD_DONE;
    };
    c2s_.deliver(message("foo.com", "x@c2s"));
    EXPECT_LE(sessions_.received().size(), 64u);
}

TEST_F(Routing, KeepsPacketsForAServiceThatHasNotStarted)
{
    c2s_.service.start();
    c2s_.deliver(session_message("1@foo.com", "7@c2s/1"));
    c2s_.deliver(session_message("2@foo.com", "7@c2s/1"));
    EXPECT_THAT(sessions_.received(), IsEmpty());
    sessions_.service.start();
    EXPECT_THAT(sessions_.received(), ElementsAre(HasSubstr("sto='1@foo.com'"), HasSubstr("sto='2@foo.com'")));
}

TEST_F(Routing, ReturnsWhatIsForADestroyedService)
{
    c2s_.service.start();
    c2s_.deliver(session_message("1@foo.com", "7@c2s/1")); // still waits when it is destroyed
    sessions_.service.destroy();
    c2s_.deliver(session_message("2@foo.com", "7@c2s/1"));
    EXPECT_THAT(c2s_.received(), ElementsAre(HasSubstr("sfrom='1@foo.com'"), HasSubstr("sfrom='2@foo.com'")));
    EXPECT_THAT(sessions_.received(), IsEmpty());
}

// Whatever a component makes of a packet's fields. All sizes are right; the memory is the component's own affair.
TEST_F(Routing, OutlivesPacketsThatAreNoXml)
{
    start_all();
    TraceListener listener{trace_, ""};
    const std::string_view bad[] = {"",
                                    "x",
                                    "@",
                                    "/",
                                    "a@/",
                                    "@foo.com/",
                                    "foo.com",
                                    "7@c2s/1",
                                    "x@foo.com/r",
                                    "<&>'\"",
                                    "\xff\xfe\xc3",
                                    std::string_view{"\0\0", 2},
                                    "</message><message>"};
    std::mt19937 random{20260731};
    const auto any = [&] { return random() % 3 == 0 ? jabberd_view{} : view(bad[random() % std::size(bad)]); };
    for (unsigned i = 0; i < 20000; ++i) {
        const jabberd_attribute attributes[] = {{any(), any()}, {any(), any()}};
        jabberd_packet packet{sizeof packet, any(), any(), any(),   any(), any(), any(),
                              any(),         any(), any(), nullptr, 0,     any()};
        if (random() % 2 == 0) {
            packet.attributes = attributes;
            packet.attribute_count = std::size(attributes);
        }
        (random() % 2 == 0 ? c2s_ : sessions_).deliver(packet);
        if (i % 100 != 0)
            continue;
        std::istringstream lines{listener.take()};
        for (std::string line; std::getline(lines, line);)
            EXPECT_NE(ctl::parse(line), nullptr) << line;
    }
    c2s_.deliver(session_message("alice@foo.com/r", "7@c2s/1"));
    EXPECT_THAT(sessions_.last(), HasSubstr("sto='alice@foo.com/r'"));
}

TEST_F(Routing, TakesHandlersOnlyInCreateAndStart)
{
    start_all();
    const auto before = sessions_.received().size();
    bool taken = true;
    sessions_.on_packet = [&](const jabberd_packet &) {
        taken = sessions_.register_now();
        return JABBERD_DONE;
    };
    c2s_.deliver(message("foo.com", "x"));
    EXPECT_EQ(sessions_.received().size(), before + 1);
    EXPECT_FALSE(taken);
}

TEST_F(Routing, IsTracedWithThePeersBeyondAService)
{
    start_all();
    c2s_.has_destinations = rest_.has_destinations = true;
    rest_.peer = "host-b";
    TraceListener listener{trace_, ""};
    c2s_.deliver(message("carol@elsewhere.org", "x"));
    rest_.deliver(message("bob@foo.com", "x"));
    const std::string lines = listener.take();
    EXPECT_THAT(lines, HasSubstr(R"("from":"c2s","to":"rest/to-host-b")")) << "c2s has destinations, but no peer";
    EXPECT_THAT(lines, HasSubstr(R"("from":"rest/from-host-b","to":"sessions")"));
}

} // namespace
} // namespace jabberd::host
