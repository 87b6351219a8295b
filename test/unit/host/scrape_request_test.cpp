// SPDX-License-Identifier: LGPL-2.1-or-later
#include "metrics/answer.h"
#include "metrics/request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <variant>

namespace jabberd::host {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// 200 and up: the status of a refusal; 0: not complete; 1: a request.
unsigned judged(std::string_view bytes)
{
    const auto read = read_request(bytes);
    if (!read)
        return 0;
    const auto *refusal = std::get_if<ScrapeRefusal>(&*read);
    return refusal == nullptr ? 1 : refusal->status;
}

std::string path_in(std::string_view target)
{
    const auto read = read_request("GET " + std::string{target} + " HTTP/1.1\r\nHost: h\r\n\r\n");
    return read && std::holds_alternative<ScrapeRequest>(*read) ? std::get<ScrapeRequest>(*read).path : "refused";
}

std::string answered(std::string_view request, bool has_page = false)
{
    const auto text = [](MetricFormat format) {
        return format == MetricFormat::OpenMetrics ? std::string{"# EOF\n"} : std::string{"a 1\n"};
    };
    return http_answer(*read_request(request), {text, has_page});
}

TEST(ScrapeRequest, IsReadOnceItsHeaderIsComplete)
{
    const std::string request = "GET /metrics HTTP/1.1\r\nHost: localhost:9464\r\nAccept: */*\r\n\r\n";
    for (std::size_t size = 0; size < request.size(); ++size)
        EXPECT_EQ(judged(request.substr(0, size)), 0u) << size;
    EXPECT_EQ(judged(request), 1u);
}

TEST(ScrapeRequest, NamesAPath)
{
    EXPECT_EQ(path_in("/metrics"), "/metrics");
    EXPECT_EQ(path_in("/metrics?name[]=x"), "/metrics");
    EXPECT_EQ(path_in("http://localhost:9464/metrics"), "/metrics");
    EXPECT_EQ(path_in("HTTP://localhost"), "/");
    EXPECT_EQ(path_in("*"), "refused");
    EXPECT_EQ(path_in("metrics"), "refused");
}

TEST(ScrapeRequest, ThatIsNoneIsRefused)
{
    EXPECT_EQ(judged("GET /metrics HTTP/1.0\r\n\r\n"), 1u) << "which needs no Host";
    EXPECT_EQ(judged("GET /metrics HTTP/1.1\r\n\r\n"), 400u);
    EXPECT_EQ(judged("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"), 400u);
    EXPECT_EQ(judged("GET / HTTP/2.0\r\nHost: a\r\n\r\n"), 505u);
    EXPECT_EQ(judged("GET /\r\n\r\n"), 400u);
    EXPECT_EQ(judged("GET  / HTTP/1.1\r\nHost: a\r\n\r\n"), 400u);
    EXPECT_EQ(judged("POST /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n"), 405u);
    EXPECT_EQ(judged("GET /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n"), 413u);
    EXPECT_EQ(judged("GET /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"), 1u);
    EXPECT_EQ(judged("GET /metrics HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"), 413u);
    EXPECT_EQ(judged("GET / HTTP/1.1\r\nHost: a\r\n folded: b\r\n\r\n"), 400u);
    EXPECT_EQ(judged("GET / HTTP/1.1\r\nHost : a\r\n\r\n"), 400u);
    EXPECT_EQ(judged("GET / HTTP/1.1\r\nHost: a\nAccept: b\r\n\r\n"), 400u) << "a line end that is none";
    EXPECT_EQ(judged(std::string_view{"GET / HTTP/1.1\r\nHost: a\0\r\n\r\n", 29}), 400u);
    EXPECT_EQ(judged("\x16\x03\x01\x02\r\n\r\n"), 400u) << "TLS";
    EXPECT_EQ(judged("\r\n\r\n"), 400u);
}

TEST(ScrapeRequest, HasALengthAtMost)
{
    const std::string begin = "GET / HTTP/1.1\r\nHost: a\r\nX: ", end = "\r\n\r\n";
    EXPECT_EQ(judged(begin + std::string(longest_request - begin.size() - end.size(), 'x') + end), 1u);
    EXPECT_EQ(judged(begin + std::string(longest_request - begin.size() - end.size() + 1, 'x') + end), 431u);
    EXPECT_EQ(judged(std::string(longest_request - 1, 'x')), 0u);
}

TEST(ScrapeRequest, HasTheFormatThatItsClientLikesBest)
{
    const auto likes_open = [](std::string_view accept) {
        return preferred_format(accept) == MetricFormat::OpenMetrics;
    };
    // Prometheus 2.42.
    EXPECT_TRUE(likes_open("application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;"
                           "q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"));
    EXPECT_TRUE(likes_open("Application/OpenMetrics-Text"));
    EXPECT_TRUE(likes_open("text/plain;q=0.3, application/openmetrics-text; q=0.4; version=\"1.0.0\""));
    EXPECT_FALSE(likes_open(""));
    EXPECT_FALSE(likes_open("*/*"));
    EXPECT_FALSE(likes_open("text/html,application/xhtml+xml,*/*;q=0.8"));
    EXPECT_FALSE(likes_open("application/openmetrics-text;version=0.0.1"));
    EXPECT_FALSE(likes_open("application/openmetrics-text;q=0"));
    EXPECT_FALSE(likes_open("application/openmetrics-text;q=much"));
    EXPECT_FALSE(likes_open("application/openmetrics-text;q=0.2,text/plain"));
    EXPECT_FALSE(likes_open(";;,=,q=1;"));
}

TEST(ScrapeAnswer, HasTheLengthOfWhatFollows)
{
    EXPECT_THAT(answered("GET /metrics HTTP/1.0\r\n\r\n"),
                testing::AllOf(StartsWith("HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4;"),
                               HasSubstr("\r\nContent-Length: 4\r\n"), EndsWith("\r\n\r\na 1\n")));
    EXPECT_THAT(answered("GET /metrics HTTP/1.0\r\nAccept: application/openmetrics-text\r\n\r\n"),
                testing::AllOf(HasSubstr("application/openmetrics-text; version=1.0.0"),
                               HasSubstr("\r\nContent-Length: 6\r\n"), EndsWith("\r\n\r\n# EOF\n")));
}

TEST(ScrapeAnswer, ToHeadIsTheHeaderOfTheAnswerToGet)
{
    const std::string get = answered("GET /metrics HTTP/1.0\r\n\r\n");
    EXPECT_EQ(answered("HEAD /metrics HTTP/1.0\r\n\r\n"), get.substr(0, get.find("\r\n\r\n") + 4));
}

TEST(ScrapeAnswer, HasAPageForPeopleWhereThatIsWanted)
{
    const std::string request = "GET / HTTP/1.0\r\n\r\n";
    EXPECT_THAT(answered(request), StartsWith("HTTP/1.1 404 "));
    EXPECT_THAT(answered(request, true),
                testing::AllOf(StartsWith("HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"),
                               HasSubstr("\r\nContent-Security-Policy: default-src 'none'; script-src 'sha256-"),
                               EndsWith("</html>\n")));
}

TEST(ScrapeAnswer, SaysWhatIsWrong)
{
    EXPECT_THAT(answered("PUT /metrics HTTP/1.0\r\n\r\n"),
                testing::AllOf(StartsWith("HTTP/1.1 405 "), HasSubstr("\r\nAllow: GET, HEAD\r\n")));
    EXPECT_THAT(answered("GET /metricses HTTP/1.0\r\n\r\n"),
                testing::AllOf(StartsWith("HTTP/1.1 404 "), Not(HasSubstr("metricses"))));
}

} // namespace
} // namespace jabberd::host
