// SPDX-License-Identifier: LGPL-2.1-or-later
// The ways to log in that are counted apart.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

namespace jabberd::session {

// What a client calls itself must not become a name of ours: all others are the last.
inline constexpr std::array<std::string_view, 9> counted_mechanisms{
    "SCRAM-SHA-1", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS", "SCRAM-SHA-512", "SCRAM-SHA-512-PLUS",
    "PLAIN",       "jabber:iq:auth",   "other"};

// Its place there.
inline std::size_t counted_mechanism(std::string_view name)
{
    const auto found = std::ranges::find(counted_mechanisms, name);
    return std::min(static_cast<std::size_t>(found - counted_mechanisms.begin()), counted_mechanisms.size() - 1);
}

} // namespace jabberd::session
