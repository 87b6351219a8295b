// SPDX-License-Identifier: LGPL-2.1-or-later
// A client over a WebSocket, where time passes and where it does not keep to the rules.
#include "one_client.h"

#include "websocket/frame.h"

#include <gmock/gmock.h>

namespace jabberd::workers {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr unsigned text_frame = 0x81, first_of_text = 0x01, ping = 0x89;

// With a mask of zeros, which is one.
std::string frame(unsigned first_byte, const std::string &payload)
{
    std::string out;
    websocket::append_frame(out, websocket::Opcode::Text, payload);
    out[0] = static_cast<char>(first_byte);
    out[1] = static_cast<char>(out[1] | '\x80');
    return out.insert(out.size() - payload.size(), 4, '\0');
}

class WebsocketClient : public OneClient {
protected:
    WebsocketClient()
    {
        options_->websocket.emplace();
        options_->limits.queue = 100'000;
        options_->limits.memory = 100'000'000;
        shared_.use(options_->limits);
    }

    void opens()
    {
        say("GET /xmpp-websocket HTTP/1.1\r\nHost: foo.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            "Sec-WebSocket-Protocol: xmpp\r\n\r\n");
        ASSERT_THAT(heard(), StartsWith("HTTP/1.1 101 "));
    }

    void logs_in()
    {
        opens();
        say(frame(text_frame, "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='foo.com'/>"));
        say(frame(text_frame, "<iq xmlns='jabber:client' type='set' id='1'><query xmlns='jabber:iq:auth'/></iq>"));
        ASSERT_THAT(heard(), HasSubstr("<iq xmlns='jabber:client' id='1' type='result'/>"));
    }

    // As far as there is room for it.
    void floods(const std::string &bytes)
    {
        for (std::size_t at = 0; at < bytes.size();) {
            const ssize_t sent = send(client_.get(), bytes.data() + at, bytes.size() - at, MSG_NOSIGNAL);
            if (sent <= 0)
                break;
            at += static_cast<std::size_t>(sent);
            settle();
        }
        settle();
    }
};

TEST_F(WebsocketClient, SaysOneElementInAMessage)
{
    logs_in();
    const int before = delivered_;
    say(frame(text_frame, "<presence/><presence/><presence/>"));
    EXPECT_THAT(heard(), HasSubstr("<bad-format "));
    EXPECT_EQ(delivered_ - before, 2) << "the first of them, and the end of the session";
}

TEST_F(WebsocketClient, SaysAnElementInOneMessage)
{
    logs_in();
    say(frame(text_frame, "<message>"));
    EXPECT_THAT(heard(), HasSubstr("<bad-format "));
}

TEST_F(WebsocketClient, HasAsMuchTimeForItsRequestAsForALogin)
{
    for (int second = 0; second < 59; ++second) {
        say(second == 0 ? "G" : second == 1 ? "E" : second == 2 ? "T" : second == 3 ? " " : "/");
        pass(1s);
        ASSERT_EQ(heard(), "");
    }
    pass(2s);
    EXPECT_THAT(heard(), StartsWith("HTTP/1.1 408 "));
    pass(4s);
    EXPECT_EQ(connections(), 0u);
}

TEST_F(WebsocketClient, HasAsMuchTimeForItsLoginAsAnyOther)
{
    opens();
    pass(61s);
    EXPECT_THAT(heard(), HasSubstr("<connection-timeout "));
    pass(4s);
    EXPECT_EQ(connections(), 0u);
}

TEST_F(WebsocketClient, FinishesAFrameInTime)
{
    for (const std::string &begun : {frame(ping, "12345").substr(0, 8), frame(first_of_text, "<presence/>"),
                                     frame(first_of_text, ""), std::string{"\x81"}}) {
        SCOPED_TRACE(begun.size());
        logs_in();
        say(begun);
        pass(299s);
        EXPECT_THAT(heard(), testing::Not(HasSubstr("<connection-timeout ")));
        pass(2s);
        EXPECT_THAT(heard(), HasSubstr("<connection-timeout "));
        pass(4s);
        ASSERT_EQ(connections(), 0u);
        std::array<int, 2> ends;
        ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()), 0);
        client_ = UniqueFd{ends[0]};
        ++shared_.connections;
        worker_.adopt({UniqueFd{ends[1]}, {}});
        settle();
    }
}

TEST_F(WebsocketClient, IsDisconnectedWhenItPingsAndDoesNotRead)
{
    logs_in();
    std::string pings;
    for (int i = 0; i < 8000; ++i)
        pings += frame(ping, std::string(125, 'p'));
    floods(pings);
    EXPECT_EQ(connections(), 0u);
}

TEST_F(WebsocketClient, DoesNotPingForEverBeforeItsLogin)
{
    opens();
    std::string pings;
    for (int i = 0; i < 1000; ++i)
        pings += frame(ping, std::string(100, 'p'));
    floods(pings);
    EXPECT_THAT(heard() + heard(), HasSubstr("<policy-violation "));
}

TEST_F(WebsocketClient, IsReadMoreSlowlyWhenItSendsTooFast)
{
    logs_in();
    const int before = delivered_;
    std::string stanzas;
    for (int i = 0; i < 6000; ++i)
        stanzas += frame(text_frame, "<presence/>");
    floods(stanzas);
    EXPECT_LT(delivered_ - before, 5100) << "the burst, and no more";
    pass(10s);
    EXPECT_EQ(delivered_ - before, 6000);
}

TEST_F(WebsocketClient, GetsAPingInTheSilence)
{
    logs_in();
    pass(181s);
    EXPECT_EQ(heard(), (std::string{"\x89\0", 2}));
}

} // namespace
} // namespace jabberd::workers
