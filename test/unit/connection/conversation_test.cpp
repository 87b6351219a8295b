// SPDX-License-Identifier: LGPL-2.1-or-later
// Between a client and its session manager, both of them words on a page.
#include "fakes.h"

#include "connection/conversation.h"
#include "xml/namespaces.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace jabberd::connection {
namespace {

using namespace std::chrono_literals;
using stream::StreamState;
using testing::ElementsAre;
using testing::HasSubstr;

class ConversationOfAClient : public testing::Test, protected ClientStream {
protected:
    ConversationOfAClient()
    {
        fake_.options->host = "c2s";
        conversation_.begin("1@c2s/a");
    }

    Surroundings &around() const override { return fake_.around; }
    StreamState state() const override { return state_; }
    const Socket &socket() const override { return socket_; }
    bool over_websocket() const override { return false; }
    Time since() const override { return fake_.around.now(); }
    const net::SocketAddress &from() const override { return from_; }
    void write_header(const xml::StreamHeader &, std::string_view host, std::string_view) override
    {
        written_.push_back("header from " + std::string{host});
    }
    void write(std::string_view element) override { written_.emplace_back(element); }
    void write(const jabberd_packet &stanza, std::string_view) override
    {
        xml::append_packet(written_.emplace_back(), stanza);
    }
    void ask_written(std::string_view sfrom) override { written_.push_back("mark of " + std::string{sfrom}); }
    void use(const xml::Rules &rules) override { rules_ = rules; }
    void wait() override { waits_ = true; }
    void go_on() override { waits_ = false; }
    void restart() override { state_ = StreamState::WaitForStream; }
    void start_tls() override { state_ = StreamState::WaitForTls; }
    void set_deadline(Deadline which, Time at) override { deadlines_[which] = at; }
    bool managed() const override { return false; }
    std::string enable(const stream::ManagementElement &) override { return {}; }
    std::string ask_resume(const stream::ManagementElement &) override { return {}; }
    void end(const stream::StreamError &error) override
    {
        state_ = StreamState::Closing;
        ended_ = std::string{stream::name(error.condition)} + ": " + std::string{error.text};
    }

    void open(std::string_view to, std::string_view version = "1.0")
    {
        xml::StreamHeader header;
        header.is_stream = true;
        header.content_namespace = xml::ns::client;
        header.to = view(to);
        header.version = view(version);
        state_ = StreamState::Open;
        conversation_.open(header);
    }

    void say(std::string_view xml)
    {
        class Into final : public xml::Events {
        public:
            explicit Into(Conversation &conversation) : conversation_(conversation) {}

        private:
            void on_stream_header(const xml::StreamHeader &) override {}
            void on_stanza(const xml::Stanza &stanza) override { conversation_.element(stanza); }
            void on_stream_end() override {}
            Conversation &conversation_;
        } into{conversation_};
        xml::Parser parser{xml::usual_primer};
        EXPECT_EQ(parser.feed(xml, {.limits = xml::no_limits}, into), xml::Fault::None);
    }

    // The session manager's answer to the last packet.
    void answer(std::string_view type, std::string_view sfrom, std::string_view body = "")
    {
        const std::string &asked = fake_.host.delivered.back();
        const std::size_t id = asked.find(" id='") + 5;
        const std::string nonce = asked.substr(id, asked.find('\'', id) - id);
        jabberd_packet packet = message(body);
        packet.name = view("iq");
        packet.type = view(type);
        packet.id = view(nonce);
        packet.sto = view("1@c2s/a");
        packet.sfrom = view(sfrom);
        conversation_.receive(packet, false);
    }

    void log_in()
    {
        open("foo.com", "");
        say("<iq type='set' id='1'><query xmlns='jabber:iq:auth'/></iq>");
        answer("result", "alice@foo.com/r");
        written_.clear();
    }

    mutable FakeSurroundings fake_;
    Socket socket_{std::make_unique<FakeTransport>()};
    net::SocketAddress from_;
    StreamState state_ = StreamState::WaitForStream;
    std::vector<std::string> written_;
    std::map<Deadline, Time> deadlines_;
    xml::Rules rules_{};
    std::string ended_;
    bool waits_ = false;
    Conversation conversation_{*this};
};

TEST_F(ConversationOfAClient, AsksWhatToOfferAndWaits)
{
    open("foo.com");
    EXPECT_THAT(written_, ElementsAre("header from foo.com"));
    EXPECT_TRUE(waits_);
    EXPECT_TRUE(conversation_.waiting());
    EXPECT_EQ(deadlines_[Deadline::Features], fake_.clock.now() + 5s);
    ASSERT_EQ(fake_.host.delivered.size(), 1u);
    EXPECT_THAT(fake_.host.delivered[0], HasSubstr("sto='foo.com' sfrom='1@c2s/a'"));
}

TEST_F(ConversationOfAClient, OffersWhatItIsToldAndGoesOn)
{
    open("foo.com");
    answer("result", "foo.com",
           "<query xmlns='jabber:iq:stream-features'><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>"
           "<mechanism>SCRAM-SHA-1</mechanism></mechanisms></query>");
    EXPECT_THAT(written_.back(), HasSubstr("<mechanism>SCRAM-SHA-1</mechanism>"));
    EXPECT_EQ(deadlines_[Deadline::Features], never);
    EXPECT_FALSE(waits_);
}

TEST_F(ConversationOfAClient, OffersIqAuthWhenNoAnswerComes)
{
    open("foo.com");
    conversation_.features_overdue();
    EXPECT_THAT(written_.back(), HasSubstr("http://jabber.org/features/iq-auth"));
    EXPECT_THAT(fake_.host.logged.back(), HasSubstr("knows jabber:iq:auth only"));
    EXPECT_FALSE(waits_);
}

TEST_F(ConversationOfAClient, ReadsNoAnswerThatIsTooLongForALogin)
{
    open("foo.com", "");
    say("<iq type='get' id='1'><query xmlns='jabber:iq:register'/></iq>");
    answer("result", "foo.com", std::string(300'000, 'x'));
    EXPECT_THAT(written_, ElementsAre("header from foo.com"));
    EXPECT_EQ(fake_.around.counters.malformed_packets.get(), 1u);
    answer("result", "foo.com", std::string(200'000, 'x'));
    EXPECT_THAT(written_.back(), HasSubstr("xxx"));
}

TEST_F(ConversationOfAClient, RefusesAStreamToItsOwnAddresses)
{
    open("C2S");
    EXPECT_THAT(ended_, HasSubstr("host-unknown"));
    EXPECT_TRUE(fake_.host.delivered.empty());
}

TEST_F(ConversationOfAClient, RefusesTlsThatItHasNotOffered)
{
    open("foo.com", "");
    say("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
    EXPECT_EQ(ended_, "policy-violation: TLS is not offered here");
}

TEST_F(ConversationOfAClient, CountsALoginByItsMechanism)
{
    const auto count = [this](std::string_view mechanism, Tally LoginTally::*result) {
        return (fake_.around.counters.logins_by[session::counted_mechanism(mechanism)].*result).get();
    };
    open("foo.com");
    answer("result", "foo.com",
           "<query xmlns='jabber:iq:stream-features'><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>"
           "<mechanism>SCRAM-SHA-1</mechanism><mechanism>X-OWN</mechanism></mechanisms></query>");
    const auto try_by = [&](std::string_view mechanism) {
        say("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='" + std::string{mechanism} + "'>eA==</auth>");
    };
    const auto sasl_answer = [&](std::string_view name, std::string_view sfrom) {
        const std::string &asked = fake_.host.delivered.back();
        const std::size_t id = asked.find(" id='") + 5;
        const std::string nonce = asked.substr(id, asked.find('\'', id) - id);
        jabberd_packet packet = message("");
        packet.name = view(name);
        packet.xmlns = view("urn:ietf:params:xml:ns:xmpp-sasl");
        packet.id = view(nonce);
        packet.sto = view("1@c2s/a");
        packet.sfrom = view(sfrom);
        conversation_.receive(packet, false);
    };
    try_by("DIGEST-MD5"); // not offered
    EXPECT_EQ(count("other", &LoginTally::refused), 1u);
    try_by("X-OWN");
    sasl_answer("failure", "foo.com");
    EXPECT_EQ(count("X-OWN", &LoginTally::refused), 2u) << "which is among the others";
    EXPECT_EQ(count("SCRAM-SHA-1", &LoginTally::refused), 0u);
    try_by("SCRAM-SHA-1");
    sasl_answer("success", "alice@foo.com");
    EXPECT_EQ(count("SCRAM-SHA-1", &LoginTally::accepted), 1u);
    EXPECT_EQ(fake_.around.counters.login_time.in_bucket(0), 0u) << "it has no session yet";
}

TEST_F(ConversationOfAClient, CountsALoginByIqAuthOnce)
{
    const LoginTally &counted = fake_.around.counters.logins_by[session::counted_mechanism("jabber:iq:auth")];
    open("foo.com", "");
    for (const char *type : {"error", "result"}) {
        say("<iq type='set' id='1'><query xmlns='jabber:iq:auth'/></iq>");
        answer(type, "alice@foo.com/r");
    }
    EXPECT_EQ(counted.refused.get(), 1u);
    EXPECT_EQ(counted.accepted.get(), 1u);
    EXPECT_EQ(fake_.around.counters.login_time.in_bucket(0), 1u);
    EXPECT_EQ(fake_.around.counters.logins.get(), 1u);
}

TEST_F(ConversationOfAClient, KnowsItsClientAfterALogin)
{
    open("foo.com", "");
    say("<iq type='set' id='1'><query xmlns='jabber:iq:auth'/></iq>");
    EXPECT_EQ(rules_.limits.bytes, fake_.options->limits.stanza_before_login.bytes);
    EXPECT_FALSE(rules_.imposed.value.empty());
    answer("result", "alice@foo.com/r");
    EXPECT_EQ(written_.back(), "<iq id='1' type='result'/>");
    EXPECT_TRUE(conversation_.bound());
    EXPECT_EQ(conversation_.sto(), "alice@foo.com/r");
    EXPECT_EQ(deadlines_[Deadline::End], never);
    EXPECT_EQ(rules_.limits.bytes, fake_.options->limits.stanza.bytes);
    EXPECT_TRUE(rules_.imposed.value.empty());
    EXPECT_EQ(fake_.around.counters.logins.get(), 1u);
}

TEST_F(ConversationOfAClient, AddressesWhatItsClientSays)
{
    log_in();
    say("<message to='bob@foo.com' sto='x@y' sfrom='forged'><body>hi</body></message>");
    EXPECT_EQ(fake_.host.delivered.back(),
              "<message to='bob@foo.com' sto='alice@foo.com/r' sfrom='1@c2s/a'><body>hi</body></message>");
}

TEST_F(ConversationOfAClient, GivesBackWhatIsOfAnotherSession)
{
    log_in();
    jabberd_packet packet = message("<body>for alice</body>");
    packet.sto = view("1@c2s/a");
    packet.sfrom = view("bob@foo.com/other");
    conversation_.receive(packet, false);
    EXPECT_TRUE(written_.empty());
    EXPECT_THAT(fake_.host.delivered.back(), HasSubstr("<error code='510'>"));
    EXPECT_THAT(fake_.host.logged.back(), HasSubstr("goes back"));
}

TEST_F(ConversationOfAClient, EndsForA510AndOwesNone)
{
    log_in();
    jabberd_packet packet = message("<error code='510'>Disconnected</error>");
    packet.type = view("error");
    packet.sto = view("1@c2s/a");
    packet.sfrom = view("alice@foo.com/r");
    const std::size_t before = fake_.host.delivered.size();
    conversation_.receive(packet, false);
    EXPECT_FALSE(ended_.empty());
    conversation_.end();
    EXPECT_EQ(fake_.host.delivered.size(), before);
}

TEST_F(ConversationOfAClient, ForgetsWhatWasSaidBeforeTls)
{
    open("foo.com", "");
    conversation_.forget();
    EXPECT_EQ(conversation_.session(), nullptr);
    EXPECT_EQ(conversation_.address(), "1@c2s/a");
}

TEST_F(ConversationOfAClient, CrossesASwap)
{
    log_in();
    handover::ConnectionState state;
    conversation_.save(state);
    Conversation successor{*this};
    successor.restore(state);
    EXPECT_EQ(successor.address(), "1@c2s/a");
    EXPECT_EQ(successor.sto(), "alice@foo.com/r");
    EXPECT_TRUE(successor.bound());
    successor.end();
    EXPECT_THAT(fake_.host.delivered.back(), HasSubstr("<error code='510'>Disconnected</error>"));
}

} // namespace
} // namespace jabberd::connection
