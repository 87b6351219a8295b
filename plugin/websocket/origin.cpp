// SPDX-License-Identifier: LGPL-2.1-or-later
#include "websocket/origin.h"

#include "base/ascii.h"
#include "base/host_name.h"

#include <algorithm>

namespace jabberd::websocket {

namespace {

constexpr std::string_view behind_scheme = "://";

} // namespace

std::string_view host_of(std::string_view origin)
{
    if (const auto scheme = origin.find(behind_scheme); scheme != std::string_view::npos)
        origin.remove_prefix(scheme + behind_scheme.size());
    const auto bracket = origin.find(']');
    return origin.substr(0, origin.find(':', bracket == std::string_view::npos ? 0 : bracket));
}

bool admits_origin(std::string_view origin, std::string_view requested_host, std::span<const std::string> allowed,
                   const std::function<bool(std::string_view host)> &is_ours)
{
    if (origin.empty())
        return true;
    const auto is_same = [&](std::string_view other) {
        return std::ranges::equal(origin, other, [](char a, char b) { return ascii_lower(a) == ascii_lower(b); });
    };
    if (!allowed.empty())
        return std::ranges::any_of(allowed, [&](const std::string &one) { return one == "*" || is_same(one); });
    if (origin.find(behind_scheme) == std::string_view::npos)
        return false;
    const std::string_view host = host_of(origin);
    return same_host(host, host_of(requested_host)) || is_ours(host);
}

} // namespace jabberd::websocket
