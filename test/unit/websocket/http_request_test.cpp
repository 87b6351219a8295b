// SPDX-License-Identifier: LGPL-2.1-or-later
// Requests of HTTP: what is one, and where it ends.
#include "websocket/http_request.h"

#include <gtest/gtest.h>

#include <string>

namespace jabberd::websocket {
namespace {

using State = HttpRequestReader::State;

const std::string upgrade_request = "GET /ws?x=1 HTTP/1.1\r\nHost: foo.com:5222\r\nConnection: keep-alive, Upgrade\r\n"
                                    "upgrade: WebSocket\r\nSec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA==\r\n"
                                    "Sec-WebSocket-Version: 13\r\nOrigin: https://foo.com\r\n"
                                    "Sec-WebSocket-Protocol: chat,  xmpp\r\n\r\n";

unsigned status_of(const std::string &bytes)
{
    HttpRequestReader reader;
    std::string_view rest = bytes;
    switch (reader.read(rest)) {
    case State::Refused: return reader.fault().status;
    case State::Unfinished: return 0;
    case State::Whole: break;
    }
    const unsigned status = parse_request(reader.bytes()).second.status;
    return status == 0 ? 200 : status;
}

std::string with(const std::string &fields)
{
    return "GET / HTTP/1.1\r\nHost: foo.com\r\n" + fields + "\r\n";
}

TEST(HttpRequest, HasWhatAWebSocketNeeds)
{
    const auto [request, fault] = parse_request(upgrade_request);
    EXPECT_EQ(fault.status, 0u) << fault.reason;
    EXPECT_EQ(request.path, "/ws");
    EXPECT_EQ(request.host, "foo.com:5222");
    EXPECT_EQ(request.origin, "https://foo.com");
    EXPECT_EQ(request.key, "AQIDBAUGBwgJCgsMDQ4PEA==");
    EXPECT_EQ(request.version, "13");
    EXPECT_TRUE(request.upgrades && request.connection_upgrades && request.speaks_xmpp);
}

TEST(HttpRequest, EndsAtItsEmptyLineInAnyChunking)
{
    for (std::size_t cut = 0; cut < upgrade_request.size(); ++cut) {
        HttpRequestReader reader;
        std::string_view first = std::string_view{upgrade_request}.substr(0, cut);
        EXPECT_EQ(reader.read(first), State::Unfinished);
        HttpRequestReader successor;
        ASSERT_TRUE(successor.restore(reader.bytes()));
        const std::string rest = upgrade_request.substr(cut) + "\x81\x80";
        std::string_view second = rest;
        EXPECT_EQ(successor.read(second), State::Whole);
        EXPECT_EQ(second, "\x81\x80") << "what is behind it is the next layer's";
        EXPECT_EQ(successor.bytes(), upgrade_request);
    }
}

TEST(HttpRequest, IsAGetOfHttp11)
{
    EXPECT_EQ(status_of(with("")), 200u);
    EXPECT_EQ(status_of("POST / HTTP/1.1\r\nHost: a\r\n\r\n"), 405u);
    EXPECT_EQ(status_of("GET / HTTP/1.0\r\n\r\n"), 505u);
    EXPECT_EQ(status_of("PRI * HTTP/2.0\r\n\r\n"), 505u);
    EXPECT_EQ(status_of("GET http://foo.com/ HTTP/1.1\r\nHost: foo.com\r\n\r\n"), 400u);
    EXPECT_EQ(status_of("GET /\r\n\r\n"), 400u);
    EXPECT_EQ(status_of("GET / a HTTP/1.1\r\nHost: a\r\n\r\n"), 400u);
    EXPECT_EQ(status_of("HELO foo.com\r\n\r\n"), 400u);
    EXPECT_EQ(status_of("GET / XMPP/1.1\r\nHost: a\r\n\r\n"), 400u);
}

TEST(HttpRequest, SaysForWhomItIsOnce)
{
    EXPECT_EQ(status_of("GET / HTTP/1.1\r\n\r\n"), 400u);
    EXPECT_EQ(status_of(with("Host: bar.com\r\n")), 400u);
    EXPECT_EQ(status_of("GET / HTTP/1.1\r\nHost: foo.com'/>\r\n\r\n"), 400u);
    EXPECT_EQ(status_of("GET / HTTP/1.1\r\nHost: [::1]:5222\r\n\r\n"), 200u);
    EXPECT_EQ(status_of(with("Sec-WebSocket-Key: a\r\nSec-WebSocket-Key: a\r\n")), 400u);
}

// Another reader of the same bytes must not find another request in them.
TEST(HttpRequest, IsNotSmuggled)
{
    EXPECT_EQ(status_of(with("Content-Length: 5\r\n")), 400u);
    EXPECT_EQ(status_of(with("Content-Length: 0\r\n")), 200u);
    EXPECT_EQ(status_of(with("Transfer-Encoding: chunked\r\n")), 400u);
    EXPECT_EQ(status_of(with("X : a\r\n")), 400u);
    EXPECT_EQ(status_of(with(" folded\r\n")), 400u);
    EXPECT_EQ(status_of(with("no colon\r\n")), 400u);
    EXPECT_EQ(status_of("GET / HTTP/1.1\nHost: foo.com\n\n"), 400u) << "LF by itself";
    EXPECT_EQ(status_of("GET / HTTP/1.1\rHost: foo.com\r\r"), 400u) << "CR by itself";
    EXPECT_EQ(status_of(with(std::string{"X: \0\r\n", 6})), 400u);
}

TEST(HttpRequest, HasNoMoreThan8192Bytes)
{
    const std::string most = with("X: " + std::string(max_request - with("X: \r\n").size(), 'a') + "\r\n");
    ASSERT_EQ(most.size(), max_request);
    EXPECT_EQ(status_of(most), 200u);
    EXPECT_EQ(status_of("GET /" + std::string(max_request, 'a')), 431u);
    EXPECT_EQ(status_of(with("Y: " + most)), 431u);
}

TEST(HttpRequest, IsRefusedAtTheFirstByteThatIsWrong)
{
    HttpRequestReader reader;
    std::string_view bytes{"GET \x01...", 8};
    EXPECT_EQ(reader.read(bytes), State::Refused);
    EXPECT_EQ(bytes, "...");
}

TEST(HttpRequest, OfASnapshotIsOneThatIsNotWhole)
{
    EXPECT_TRUE(HttpRequestReader{}.restore(""));
    EXPECT_TRUE(HttpRequestReader{}.restore("GET / HTTP/1.1\r\n"));
    EXPECT_FALSE(HttpRequestReader{}.restore(upgrade_request));
    EXPECT_FALSE(HttpRequestReader{}.restore(upgrade_request + "x"));
    EXPECT_FALSE(HttpRequestReader{}.restore("<stream"));
    EXPECT_FALSE(HttpRequestReader{}.restore(std::string(max_request + 1, 'A')));
}

} // namespace
} // namespace jabberd::websocket
