// SPDX-License-Identifier: LGPL-2.1-or-later
// What is answered to an HTTP request: a WebSocket, or why there is none (RFC 6455 §4.2).
#pragma once

#include "websocket/http_request.h"

#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace jabberd::websocket {

// Where the request has come to. Borrowed for the call.
struct Site {
    std::string_view path;    // of the WebSocket
    std::string_view address; // of the same, as clients from elsewhere have it; "": by Host, and by `secure`
    std::span<const std::string> origins;               // admits_origin()
    std::function<bool(std::string_view host)> is_ours; // a name of the server
    bool secure = false;                                // under TLS
    bool needs_tls = false;                             // no login without
};

struct HttpAnswer {
    static constexpr unsigned switching = 101;

    unsigned status;
    std::string bytes; // headers and content: the connection ends with them, or is a WebSocket
    std::string about; // for the log: what was asked for, and what was wrong

    bool upgrades() const { return status == switching; }
};

// To a whole request, and to what is none.
HttpAnswer answer_to(std::string_view request, const Site &site);
HttpAnswer refusal_of(const HttpFault &fault);

// What proves that we have understood the key (RFC 6455 §4.2.2).
std::string accept_value(std::string_view key);

} // namespace jabberd::websocket
