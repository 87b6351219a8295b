// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/websocket.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace jabberd::config {

using elements::Element;
using elements::Option;
using elements::Times;

namespace {

// Also in an address, which is shown to others in XML and JSON as it is.
bool is_plain(std::string_view text)
{
    return std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; }) &&
           text.find_first_of("\"'<>&\\`") == std::string_view::npos;
}

bool is_path(std::string_view path)
{
    return path.starts_with('/') && is_plain(path) && path.find_first_of("?#") == std::string_view::npos;
}

// What a browser says: scheme, host, and the port where it is not that of the scheme (RFC 6454 §6.2).
bool is_origin(std::string_view origin)
{
    constexpr std::string_view behind_scheme = "://";
    if (origin == "*" || origin == "null")
        return true;
    const auto scheme = origin.find(behind_scheme);
    if (scheme == std::string_view::npos || scheme == 0)
        return false;
    const std::string_view host = origin.substr(scheme + behind_scheme.size());
    return !host.empty() && is_plain(origin) && host.find_first_of("/?#@*,") == std::string_view::npos;
}

bool is_address(std::string_view address)
{
    return (address.starts_with("wss://") || address.starts_with("ws://")) && is_plain(address);
}

} // namespace

Websocket read_websocket(const Element &element, MistakeReport &mistakes)
{
    Websocket websocket;
    const auto error = [&](const Element &at, const std::string &message) { mistakes.error(at.at(), message); };
    if (const char *path = element.attribute("path"))
        websocket.path = path;
    if (!is_path(websocket.path))
        error(element, "path is '" + websocket.path + "'; it must begin with a slash, like /xmpp-websocket");
    if (websocket.path == "/" || websocket.path.starts_with("/.well-known/"))
        error(element, "path is '" + websocket.path + "', where other things are; write one like /xmpp-websocket");
    if (const char *address = element.attribute("address")) {
        websocket.address = address;
        if (!is_address(websocket.address))
            error(element, "address is '" + websocket.address +
                               "'; it must be where clients find the WebSocket, like wss://foo.com/xmpp-websocket");
    }
    const auto read_origin = [&](const Element &origin) {
        const std::string_view text = origin.text();
        if (!is_origin(text))
            return error(origin, "<origin/> is '" + std::string{text} +
                                     "'; it must be what a browser says of a page, like https://chat.foo.com, "
                                     "without a path; or *, for all pages");
        websocket.origins.emplace_back(text);
    };
    element.read(std::array{Option{"origin", read_origin, Times::Any}});
    return websocket;
}

} // namespace jabberd::config
