// SPDX-License-Identifier: LGPL-2.1-or-later
#include "metrics/request.h"

#include <glib.h>

#include <algorithm>

namespace jabberd::host {

namespace {

constexpr std::string_view line_end = "\r\n";

std::string_view trimmed(std::string_view text)
{
    const auto begin = text.find_first_not_of(" \t");
    return begin == text.npos ? "" : text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

// What is in front of the first `end`, which is taken out of `text` together with it.
std::string_view take_until(std::string_view &text, std::string_view end)
{
    const std::string_view taken = text.substr(0, text.find(end));
    text.remove_prefix(std::min(text.size(), taken.size() + end.size()));
    return taken;
}

bool is(std::string_view a, std::string_view b)
{
    return a.size() == b.size() && g_ascii_strncasecmp(a.data(), b.data(), a.size()) == 0;
}

bool is_token(std::string_view text)
{
    constexpr std::string_view others = "!#$%&'*+-.^_`|~";
    return !text.empty() &&
           std::ranges::all_of(text, [&](char c) { return g_ascii_isalnum(c) || others.find(c) != others.npos; });
}

// Tabs apart. Bytes of no ASCII are allowed in the values of headers (RFC 9110 §5.5).
bool has_control_characters(std::string_view text)
{
    return std::ranges::any_of(text,
                               [](char c) { return (static_cast<unsigned char>(c) < ' ' && c != '\t') || c == 127; });
}

// "/metrics" of "/metrics?x=1" and of "http://localhost:9464/metrics"; "": it is none.
std::string_view path_of(std::string_view target)
{
    constexpr std::string_view scheme = "http://";
    if (is(target.substr(0, scheme.size()), scheme)) {
        const auto slash = target.find('/', scheme.size());
        target = slash == target.npos ? "/" : target.substr(slash);
    }
    return target.starts_with('/') ? target.substr(0, target.find_first_of("?#")) : "";
}

// 0 to 1; what is no such number is 0.
double quality_of(std::string_view text)
{
    const std::string number{text.substr(0, 5)}; // "0.999"
    char *end = nullptr;
    const double quality = g_ascii_strtod(number.c_str(), &end);
    return number.empty() || *end != '\0' || !(quality >= 0 && quality <= 1) ? 0 : quality;
}

struct Header {
    unsigned hosts = 0;
    bool has_body = false;
    std::string accept;
};

// False: that is no header.
bool read_field(std::string_view line, Header &header)
{
    const auto colon = line.find(':');
    if (colon == line.npos || !is_token(line.substr(0, colon)))
        return false; // also a line that goes on with the one before it
    const std::string_view name = line.substr(0, colon), value = trimmed(line.substr(colon + 1));
    if (is(name, "host"))
        ++header.hosts;
    if (is(name, "transfer-encoding") || (is(name, "content-length") && value != "0"))
        header.has_body = true;
    if (is(name, "accept"))
        header.accept.append(header.accept.empty() ? "" : ",").append(value);
    return true;
}

std::variant<ScrapeRequest, ScrapeRefusal> judge(std::string_view lines)
{
    std::string_view first = take_until(lines, line_end);
    const std::string_view method = take_until(first, " "), target = take_until(first, " "), version = first;
    if (!is_token(method) || target.empty() || !version.starts_with("HTTP/") || has_control_characters(target))
        return ScrapeRefusal{400, "This is no request of HTTP."};
    if (version != "HTTP/1.1" && version != "HTTP/1.0")
        return ScrapeRefusal{505, "HTTP/1.1 is spoken here."};
    Header header;
    while (!lines.empty()) {
        const std::string_view line = take_until(lines, line_end);
        if (has_control_characters(line) || !read_field(line, header))
            return ScrapeRefusal{400, "A line of the header is none."};
    }
    if (header.hosts > 1 || (header.hosts == 0 && version == "HTTP/1.1"))
        return ScrapeRefusal{400, "A request has one Host."};
    if (method != "GET" && method != "HEAD")
        return ScrapeRefusal{405, "There is nothing here but to GET."};
    if (header.has_body)
        return ScrapeRefusal{413, "A request has no body here."};
    const std::string_view path = path_of(target);
    if (path.empty())
        return ScrapeRefusal{400, "A request names a path."};
    return ScrapeRequest{method == "HEAD", std::string{path}, preferred_format(header.accept)};
}

} // namespace

std::optional<std::variant<ScrapeRequest, ScrapeRefusal>> read_request(std::string_view bytes)
{
    const std::string_view begun = bytes.substr(0, longest_request);
    const auto end = begun.find("\r\n\r\n");
    if (end != begun.npos)
        return judge(begun.substr(0, end));
    if (bytes.size() >= longest_request)
        return ScrapeRefusal{431, "The header is too long."};
    return std::nullopt;
}

MetricFormat preferred_format(std::string_view accept)
{
    double open = 0, plain = 0;
    while (!accept.empty()) {
        std::string_view range = take_until(accept, ",");
        const std::string_view type = trimmed(take_until(range, ";"));
        double quality = 1;
        bool is_known = true; // its version is one that we write
        while (!range.empty()) {
            const std::string_view parameter = trimmed(take_until(range, ";"));
            const std::string_view name = parameter.substr(0, parameter.find('='));
            const std::string_view value = parameter.size() > name.size() ? parameter.substr(name.size() + 1) : "";
            if (is(name, "q"))
                quality = quality_of(value);
            else if (is(name, "version") && is(type, "application/openmetrics-text"))
                is_known = value == "1.0.0" || value == "\"1.0.0\"";
        }
        if (is(type, "application/openmetrics-text") && is_known)
            open = std::max(open, quality);
        if (is(type, "text/plain"))
            plain = std::max(plain, quality);
    }
    return open > 0 && open >= plain ? MetricFormat::OpenMetrics : MetricFormat::Prometheus;
}

} // namespace jabberd::host
