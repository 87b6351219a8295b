// SPDX-License-Identifier: LGPL-2.1-or-later
// What is kept of a subscription request until its receiver comes online: a stranger wrote it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace jabberd::session_manager {

inline constexpr std::size_t most_of_a_request = 1024; // bytes

// Of its body, canonical XML, what a client shows: <status/>, and <nick/> (XEP-0172). Nothing when that is more than
// most_of_a_request.
std::string useful_part(std::string_view body);

} // namespace jabberd::session_manager
