// SPDX-License-Identifier: LGPL-2.1-or-later
// Whose pages may speak to us from a browser (RFC 6455 §10.2, RFC 6454).
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace jabberd::websocket {

// Of scheme://host:port, or of host:port; an address of IPv6 in its brackets.
std::string_view host_of(std::string_view origin);

// `origin`: scheme, host and perhaps port, as a browser says them: https://chat.foo.com; `null`, of a page without; "":
// it is no browser. `allowed`: the operator's, * is all; none: pages of the host that the request is for, and of those
// that `is_ours` knows.
bool admits_origin(std::string_view origin, std::string_view requested_host, std::span<const std::string> allowed,
                   const std::function<bool(std::string_view host)> &is_ours);

} // namespace jabberd::websocket
