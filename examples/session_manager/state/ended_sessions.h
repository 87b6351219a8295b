// SPDX-License-Identifier: LGPL-2.1-or-later
// Remembers ended sessions for a while, because their connections still return what was not written.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_set>

namespace jabberd::session_manager {

// Not locked.
class EndedSessions {
public:
    // Enough for a server whose users all leave at once; a socket manager returns what is unwritten within a moment of
    // the end.
    static constexpr std::size_t capacity = 16'384;

    void add(std::string_view session, std::string_view connection);
    bool contains(std::string_view session, std::string_view connection) const;

private:
    std::unordered_set<std::string> known_;
    std::deque<std::string> order_; // oldest first
};

} // namespace jabberd::session_manager
