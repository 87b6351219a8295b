// SPDX-License-Identifier: LGPL-2.1-or-later
#include "websocket/http_request.h"

#include "base/ascii.h"

#include <algorithm>

namespace jabberd::websocket {

namespace {

constexpr std::string_view line_end = "\r\n";
constexpr HttpFault malformed{400, "this is not an HTTP request"};

bool same(std::string_view a, std::string_view b)
{
    return std::ranges::equal(a, b, [](char x, char y) { return ascii_lower(x) == ascii_lower(y); });
}

// RFC 9110 §5.6.2.
bool is_token(std::string_view text)
{
    constexpr std::string_view others = "!#$%&'*+-.^_`|~";
    return !text.empty() && std::ranges::all_of(text, [&](char c) {
        const char lower = ascii_lower(c);
        return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || others.find(c) != std::string_view::npos;
    });
}

std::string_view trimmed(std::string_view text)
{
    constexpr std::string_view blank = " \t";
    const auto first = text.find_first_not_of(blank);
    return first == std::string_view::npos ? std::string_view{}
                                           : text.substr(first, text.find_last_not_of(blank) - first + 1);
}

// Whether one of the members of a list is that (RFC 9110 §5.6.1).
bool lists(std::string_view list, std::string_view wanted)
{
    while (!list.empty()) {
        const auto comma = std::min(list.find(','), list.size());
        if (same(trimmed(list.substr(0, comma)), wanted))
            return true;
        list.remove_prefix(std::min(comma + 1, list.size()));
    }
    return false;
}

// A host and perhaps a port: what goes into an answer again must be harmless there.
bool is_host_field(std::string_view host)
{
    return !host.empty() && std::ranges::all_of(host, [](char c) {
        const char lower = ascii_lower(c);
        return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') ||
               std::string_view{"-._:[]"}.find(c) != std::string_view::npos;
    });
}

std::string_view next_line(std::string_view &rest)
{
    const auto end = rest.find(line_end);
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end + line_end.size());
    return line;
}

HttpFault read_request_line(std::string_view line, HttpRequest &request)
{
    const auto first = line.find(' '), last = line.rfind(' ');
    if (first == std::string_view::npos || first == last)
        return malformed;
    request.method = line.substr(0, first);
    const std::string_view target = line.substr(first + 1, last - first - 1), version = line.substr(last + 1);
    if (!is_token(request.method) || !version.starts_with("HTTP/"))
        return malformed;
    if (version != "HTTP/1.1")
        return {505, "it is not HTTP/1.1"};
    if (request.method != "GET")
        return {405, "its method is not GET"};
    const auto visible = [](char c) { return c > ' ' && c <= '~'; };
    if (!target.starts_with('/') || !std::ranges::all_of(target, visible))
        return {400, "it is not for a path"};
    request.path = target.substr(0, target.find('?'));
    return {};
}

// Those that may come once. What they say must be the same to every reader.
HttpFault set_once(std::string_view &field, std::string_view value)
{
    if (field.data() != nullptr)
        return {400, "it has a header field twice that may come once"};
    field = value;
    return {};
}

HttpFault read_field(std::string_view name, std::string_view value, HttpRequest &request)
{
    if (same(name, "Host"))
        return set_once(request.host, value);
    if (same(name, "Origin"))
        return set_once(request.origin, value);
    if (same(name, "Sec-WebSocket-Key"))
        return set_once(request.key, value);
    if (same(name, "Sec-WebSocket-Version"))
        return set_once(request.version, value);
    if (same(name, "Upgrade"))
        request.upgrades = request.upgrades || lists(value, "websocket");
    else if (same(name, "Connection"))
        request.connection_upgrades = request.connection_upgrades || lists(value, "upgrade");
    else if (same(name, "Sec-WebSocket-Protocol"))
        request.speaks_xmpp = request.speaks_xmpp || lists(value, "xmpp");
    else if (same(name, "Transfer-Encoding") || (same(name, "Content-Length") && value != "0"))
        return {400, "it has a body, which nothing here reads"};
    return {};
}

} // namespace

bool may_begin_request(char first)
{
    return first >= 'A' && first <= 'Z';
}

bool HttpRequestReader::refuse(unsigned status, std::string_view reason)
{
    fault_ = {status, reason};
    return false;
}

// Line ends are CR and LF, both and in this order: where a reader takes one of them for an end and another does not,
// requests are smuggled.
bool HttpRequestReader::accept(char byte)
{
    const bool after_cr = bytes_.ends_with('\r');
    if (after_cr != (byte == '\n'))
        return refuse(400, "a line of it does not end in CR LF");
    const bool is_control = (byte >= 0 && byte < ' ') || byte == '\x7F';
    if (is_control && byte != '\r' && byte != '\n' && byte != '\t')
        return refuse(malformed.status, malformed.reason);
    if (bytes_.empty() && !may_begin_request(byte))
        return refuse(malformed.status, malformed.reason);
    if (bytes_.size() == max_request)
        return refuse(431, "it has more than 8192 bytes");
    bytes_ += byte;
    return true;
}

HttpRequestReader::State HttpRequestReader::read(std::string_view &bytes)
{
    while (!bytes.empty()) {
        const char byte = bytes.front();
        bytes.remove_prefix(1);
        if (!accept(byte))
            return State::Refused;
        if (byte == '\n' && bytes_.ends_with("\r\n\r\n"))
            return State::Whole;
    }
    return State::Unfinished;
}

bool HttpRequestReader::restore(std::string_view bytes)
{
    return bytes_.empty() && read(bytes) == State::Unfinished;
}

std::pair<HttpRequest, HttpFault> parse_request(std::string_view bytes)
{
    HttpRequest request;
    std::string_view rest = bytes;
    if (const HttpFault fault = read_request_line(next_line(rest), request); fault.status != 0)
        return {request, fault};
    while (!rest.starts_with(line_end)) {
        const std::string_view line = next_line(rest);
        const auto colon = line.find(':');
        // No field goes on in a second line (RFC 9112 §5.2), and no blank is before a colon (§5.1).
        if (colon == std::string_view::npos || !is_token(line.substr(0, colon)))
            return {request, {400, "a header field of it is none"}};
        if (const HttpFault fault = read_field(line.substr(0, colon), trimmed(line.substr(colon + 1)), request);
            fault.status != 0)
            return {request, fault};
    }
    if (!is_host_field(request.host))
        return {request, {400, "it does not say in Host for whom it is"}};
    return {request, {}};
}

} // namespace jabberd::websocket
