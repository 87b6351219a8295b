// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fuzz/scrape_requests.h"

#include "metrics/answer.h"
#include "metrics/request.h"

#include <algorithm>
#include <array>
#include <set>
#include <vector>

namespace jabberd::fuzz {

namespace {

using namespace host;

// "?" while it is not complete.
std::string judgement_of(std::string_view bytes)
{
    // In memory of its own size, so that a sanitizer sees a read beyond it.
    const std::vector<char> exact{bytes.begin(), bytes.end()};
    const auto read = read_request({exact.data(), exact.size()});
    if (!read)
        return "?";
    if (const auto *refusal = std::get_if<ScrapeRefusal>(&*read))
        return std::to_string(refusal->status) + " " + std::string{refusal->why};
    const auto &request = std::get<ScrapeRequest>(*read);
    return request.path + (request.is_head ? " HEAD " : " GET ") +
           (request.format == MetricFormat::OpenMetrics ? "openmetrics" : "prometheus");
}

// Mostly the first.
template <std::size_t count>
std::string one_of(const std::array<std::string_view, count> &words, Random &random)
{
    return std::string{words[random() % 4 != 0 ? 0 : random() % count]};
}

} // namespace

Failure judged_at_its_end(std::string_view bytes)
{
    const auto blank = bytes.substr(0, longest_request).find("\r\n\r\n");
    const std::size_t end = blank != bytes.npos ? blank + 4 : longest_request;
    const std::string judged = judgement_of(bytes);
    if ((judged == "?") != (bytes.size() < end))
        return "of " + std::to_string(bytes.size()) + " bytes, and its end is at " + std::to_string(end) + ": " +
               judged;
    for (std::size_t size = 0; size <= bytes.size(); size += 1 + size / 64) {
        const std::string earlier = judgement_of(bytes.substr(0, size));
        if (earlier != (size < end ? "?" : judged))
            return "at byte " + std::to_string(size) + " " + earlier + ", and then " + judged;
    }
    return std::nullopt;
}

Failure answered_in_words_of_ours(std::string_view bytes)
{
    static const std::set<unsigned> statuses{200, 400, 404, 405, 413, 431, 505};
    const auto request = read_request(bytes);
    if (!request)
        return std::nullopt;
    const std::string text = "page 1\n";
    const std::string answer = http_answer(*request, {[&](MetricFormat) { return text; }});
    const auto *asked = std::get_if<ScrapeRequest>(&*request);
    const auto *refused = std::get_if<ScrapeRefusal>(&*request);
    const auto header_end = answer.find("\r\n\r\n");
    if (!answer.starts_with("HTTP/1.1 ") || header_end == answer.npos)
        return "that is no answer: " + answer;
    const auto status = static_cast<unsigned>(std::stoul(answer.substr(9, 3)));
    const unsigned expected = refused != nullptr ? refused->status : asked->path == "/metrics" ? 200 : 404;
    if (status != expected || !statuses.contains(status))
        return "the status is not " + std::to_string(expected) + ": " + answer;
    const std::string body = answer.substr(header_end + 4);
    const std::string length = "\r\nContent-Length: ";
    const auto claimed = std::stoul(answer.substr(answer.find(length) + length.size()));
    const bool is_head = asked != nullptr && asked->is_head;
    if (is_head ? !body.empty() : body.size() != claimed)
        return "it is not as long as it says: " + answer;
    // The same request, but for what is to be chosen freely, has the same answer.
    if (asked != nullptr &&
        http_answer(ScrapeRequest{is_head, asked->path == "/metrics" ? "/metrics" : "/x", asked->format},
                    {[&](MetricFormat) { return text; }}) != answer)
        return "it depends on the path: " + answer;
    return std::nullopt;
}

std::string some_scrape(Random &random)
{
    constexpr std::array<std::string_view, 7> methods{"GET", "HEAD", "POST", "get", "G\x01", "", "DELETE"};
    constexpr std::array<std::string_view, 7> targets{"/metrics", "/metrics?a=b", "/",      "http://h/metrics",
                                                      "*",        "/met\trics",   "metrics"};
    constexpr std::array<std::string_view, 4> versions{"HTTP/1.1", "HTTP/1.0", "HTTP/2", ""};
    constexpr std::array<std::string_view, 11> lines{"Accept: */*",
                                                     "Accept: application/openmetrics-text;version=1.0.0;q=0.5",
                                                     "Host: h",
                                                     "accept:text/plain;q=0.4",
                                                     "Content-Length: 0",
                                                     "Content-Length: 7",
                                                     "Transfer-Encoding: chunked",
                                                     " folded",
                                                     "No colon",
                                                     "X: \xff\x01",
                                                     "Accept: ;;=,q=,"};
    std::string request =
        one_of(methods, random) + " " + one_of(targets, random) + " " + one_of(versions, random) + "\r\n";
    if (random() % 8 != 0)
        request += "Host: h\r\n";
    for (std::size_t i = random() % 5; i > 0; --i)
        request += one_of(lines, random) + (random() % 16 == 0 ? "\n" : "\r\n");
    if (random() % 8 == 0)
        request += "X: " + std::string(random() % (longest_request + 100), 'x') + "\r\n";
    request += random() % 8 == 0 ? "" : "\r\n";
    if (random() % 4 == 0)
        request += "behind it\r\n\r\n";
    if (random() % 4 == 0 && !request.empty())
        request[random() % request.size()] = static_cast<char>(random());
    return request;
}

} // namespace jabberd::fuzz
