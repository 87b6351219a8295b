// SPDX-License-Identifier: LGPL-2.1-or-later
// What is answered to HTTP requests.
#include "websocket/upgrade.h"

#include "websocket/origin.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace jabberd::websocket {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::string example_key = "dGhlIHNhbXBsZSBub25jZQ=="; // of RFC 6455 §1.3

Site site(const std::vector<std::string> &origins = {})
{
    return {.path = "/ws", .address = {}, .origins = origins, .is_ours = [](std::string_view host) {
                return host == "ours.org";
            }};
}

struct Fields {
    std::string path = "/ws", host = "foo.com:5222", upgrade = "websocket", connection = "Upgrade", version = "13",
                key = example_key, protocol = "xmpp", origin{};
};

std::string request(const Fields &fields)
{
    std::string out = "GET " + fields.path + " HTTP/1.1\r\n";
    const auto add = [&](const std::string &name, const std::string &value) {
        if (!value.empty())
            out.append(name).append(": ").append(value).append("\r\n");
    };
    add("Host", fields.host);
    add("Upgrade", fields.upgrade);
    add("Connection", fields.connection);
    add("Sec-WebSocket-Version", fields.version);
    add("Sec-WebSocket-Key", fields.key);
    add("Sec-WebSocket-Protocol", fields.protocol);
    add("Origin", fields.origin);
    return out + "\r\n";
}

unsigned status(const Fields &fields, const Site &at = site())
{
    return answer_to(request(fields), at).status;
}

TEST(Upgrade, IsAnsweredWithTheProofOfItsKey)
{
    const HttpAnswer answer = answer_to(request({}), site());
    EXPECT_EQ(answer.bytes, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                            "Sec-WebSocket-Protocol: xmpp\r\n"
                            "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
    EXPECT_TRUE(answer.upgrades());
}

TEST(Upgrade, NeedsEachOfItsFields)
{
    EXPECT_EQ(status({.upgrade = ""}), 426u);
    EXPECT_EQ(status({.upgrade = "h2c"}), 426u);
    EXPECT_EQ(status({.connection = "keep-alive"}), 400u);
    EXPECT_EQ(status({.version = "8"}), 426u);
    EXPECT_EQ(status({.version = ""}), 426u);
    EXPECT_EQ(status({.key = ""}), 400u);
    EXPECT_EQ(status({.key = "c2hvcnQ="}), 400u) << "of another length";
    EXPECT_EQ(status({.key = "dGhlIHNhbXBsZSBub25jZR=="}), 400u) << "with bits that mean nothing";
    EXPECT_EQ(status({.protocol = ""}), 400u);
    EXPECT_EQ(status({.protocol = "chat, xmppx"}), 400u);
    EXPECT_EQ(status({.path = "/other"}), 404u);
    EXPECT_THAT(answer_to(request({.version = "8"}), site()).bytes, HasSubstr("Sec-WebSocket-Version: 13\r\n"));
}

TEST(Upgrade, IsForPagesOfTheSameHostUnlessOthersAreNamed)
{
    EXPECT_EQ(status({.origin = "https://foo.com"}), 101u);
    EXPECT_EQ(status({.origin = "https://FOO.com:8443"}), 101u);
    EXPECT_EQ(status({.origin = "https://ours.org"}), 101u) << "a name that we have a certificate for";
    EXPECT_EQ(status({.origin = "https://evil.org"}), 403u);
    EXPECT_EQ(status({.origin = "https://foo.com.evil.org"}), 403u);
    EXPECT_EQ(status({.origin = "https://evil.org:foo.com"}), 403u);
    EXPECT_EQ(status({.origin = "null"}), 403u);
    EXPECT_EQ(status({.host = "null", .origin = "null"}), 403u);
    EXPECT_EQ(status({.host = "[::1]:5222", .origin = "http://[::1]"}), 101u);
    EXPECT_EQ(status({.host = "[::1]:5222", .origin = "http://[::2]"}), 403u);
    const std::vector<std::string> one{"https://chat.org"}, all{"*"};
    EXPECT_EQ(status({.origin = "https://chat.org"}, site(one)), 101u);
    EXPECT_EQ(status({.origin = "http://chat.org"}, site(one)), 403u);
    EXPECT_EQ(status({.origin = "https://foo.com"}, site(one)), 403u) << "the list is all of it";
    EXPECT_EQ(status({.origin = "https://evil.org"}, site(all)), 101u);
    EXPECT_EQ(status({}, site(one)), 101u) << "no browser says no origin";
}

TEST(Upgrade, IsRefusedWithoutTlsWhereALoginNeedsIt)
{
    Site at = site();
    at.needs_tls = true;
    EXPECT_EQ(status({}, at), 403u);
    at.secure = true;
    EXPECT_EQ(status({}, at), 101u);
}

TEST(HttpAnswers, SayToABrowserWhatThisIs)
{
    const HttpAnswer answer = answer_to(request({.path = "/", .upgrade = ""}), site());
    EXPECT_EQ(answer.status, 200u);
    EXPECT_THAT(answer.bytes, HasSubstr("the port of an XMPP server"));
    EXPECT_THAT(answer.bytes, HasSubstr("Connection: close\r\n"));
    EXPECT_THAT(answer.bytes, HasSubstr("Content-Type: text/plain"));
}

TEST(HttpAnswers, RepeatNothingOfTheRequest)
{
    const HttpAnswer answer = answer_to(request({.path = "/<script>", .origin = "https://<script>"}), site());
    EXPECT_EQ(answer.status, 404u);
    EXPECT_THAT(answer.bytes, Not(HasSubstr("script")));
    EXPECT_THAT(answer.about, HasSubstr("'/<script>'"));
}

TEST(HttpAnswers, TellWhereTheWebSocketIs)
{
    Site at = site();
    const std::string meta = answer_to(request({.path = "/.well-known/host-meta", .upgrade = ""}), at).bytes;
    EXPECT_THAT(meta, HasSubstr("<Link rel='urn:xmpp:alt-connections:websocket' href='ws://foo.com:5222/ws'/>"));
    EXPECT_THAT(meta, HasSubstr("Access-Control-Allow-Origin: *\r\n"));
    at.secure = true;
    EXPECT_THAT(answer_to(request({.path = "/.well-known/host-meta.json", .upgrade = ""}), at).bytes,
                HasSubstr(R"("href":"wss://foo.com:5222/ws")"));
    at.address = "wss://chat.foo.com/ws";
    EXPECT_THAT(answer_to(request({.path = "/.well-known/host-meta.json", .upgrade = ""}), at).bytes,
                HasSubstr(R"("href":"wss://chat.foo.com/ws")"));
}

TEST(HttpAnswers, SayWhichMethodThereIs)
{
    EXPECT_THAT(answer_to("POST /ws HTTP/1.1\r\nHost: a\r\n\r\n", site()).bytes, HasSubstr("\r\nAllow: GET\r\n"));
}

} // namespace
} // namespace jabberd::websocket
