// SPDX-License-Identifier: LGPL-2.1-or-later
#include "metrics/answer.h"

#include "metrics/page.h"

#include <string_view>

namespace jabberd::host {

namespace {

constexpr std::string_view plain_text = "text/plain; charset=utf-8";

std::string_view reason_of(unsigned status)
{
    switch (status) {
    case 200: return "OK";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 413: return "Content Too Large";
    case 431: return "Request Header Fields Too Large";
    case 505: return "HTTP Version Not Supported";
    default: return "Bad Request";
    }
}

std::string_view content_type(MetricFormat format)
{
    return format == MetricFormat::OpenMetrics ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                                               : "text/plain; version=0.0.4; charset=utf-8";
}

// `more`: of the header, each line with its end.
std::string answer(unsigned status, std::string_view type, std::string_view body, bool is_head = false,
                   std::string_view more = "")
{
    std::string out = "HTTP/1.1 " + std::to_string(status) + " ";
    out.append(reason_of(status)).append("\r\nContent-Type: ").append(type);
    out +=
        "\r\nContent-Length: " + std::to_string(body.size()) + "\r\nConnection: close\r\nCache-Control: no-store\r\n";
    out += "X-Content-Type-Options: nosniff\r\n";
    if (status == 405)
        out += "Allow: GET, HEAD\r\n";
    out.append(more).append("\r\n");
    return is_head ? out : out.append(body);
}

} // namespace

std::string http_answer(const std::variant<ScrapeRequest, ScrapeRefusal> &request, const Served &served)
{
    if (const auto *refusal = std::get_if<ScrapeRefusal>(&request))
        return answer(refusal->status, plain_text, std::string{refusal->why} + "\n");
    const auto &asked = std::get<ScrapeRequest>(request);
    if (asked.path == "/metrics")
        return answer(200, content_type(asked.format), served.text(asked.format), asked.is_head, "Vary: Accept\r\n");
    if (asked.path == "/" && served.has_page)
        return answer(200, "text/html; charset=utf-8", status_page(), asked.is_head,
                      "Content-Security-Policy: " + status_page_policy() + "\r\nReferrer-Policy: no-referrer\r\n");
    return answer(404, plain_text, "There is /metrics here, and nothing else.\n", asked.is_head);
}

} // namespace jabberd::host
