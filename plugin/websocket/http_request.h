// SPDX-License-Identifier: LGPL-2.1-or-later
// The HTTP request that a WebSocket begins with (RFC 9112), bounded and without a body.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace jabberd::websocket {

// What it is about. Borrowed from the bytes that it was read from.
struct HttpRequest {
    std::string_view method;
    std::string_view path;    // without its query
    std::string_view host;    // and port, of the header field
    std::string_view origin;  // "": none was said
    std::string_view key;     // Sec-WebSocket-Key
    std::string_view version; // Sec-WebSocket-Version
    bool upgrades = false;    // to a WebSocket
    bool connection_upgrades = false;
    bool speaks_xmpp = false; // one of the subprotocols that are offered
};

// Why it cannot be answered as it would like to be: a status of HTTP, and words that live as long as the program.
struct HttpFault {
    unsigned status = 0;
    std::string_view reason;
};

inline constexpr std::size_t max_request = 8192;

// What no XML begins with, but a request does: a method.
bool may_begin_request(char first);

// A request on its way in. Only its end is looked for, and what no request has in it refused at that byte.
class HttpRequestReader {
public:
    enum class State : std::uint8_t { Unfinished, Whole, Refused };

    // Takes what belongs to the request from the front of `bytes`.
    State read(std::string_view &bytes);

    const std::string &bytes() const { return bytes_; }
    const HttpFault &fault() const { return fault_; }

    // As a value, and from it: false, when no client's bytes lead there.
    bool restore(std::string_view bytes);

private:
    bool refuse(unsigned status, std::string_view reason);
    bool accept(char byte);

    std::string bytes_;
    HttpFault fault_;
};

// A whole one. The fault has status 0 when there is none.
std::pair<HttpRequest, HttpFault> parse_request(std::string_view bytes);

} // namespace jabberd::websocket
