// SPDX-License-Identifier: LGPL-2.1-or-later
// The addresses that an account has blocked, and which others these cover (XEP-0191).
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <set>
#include <string>
#include <string_view>

namespace jabberd::session_manager {

namespace blocking {
inline constexpr std::string_view xmlns = "urn:xmpp:blocking";
} // namespace blocking

// What a list may hold that covers the address: itself, its bare address, and its host (XEP-0191 §2). Borrowed from it.
std::array<std::string_view, 3> covering(std::string_view address);

// All addresses are prepared.
class Blocklist {
public:
    void add(std::string address);
    void remove(std::string_view address);

    bool contains(std::string_view address) const { return addresses_.contains(address); }
    bool covers(std::string_view address) const;

    bool empty() const { return addresses_.empty(); }
    std::size_t size() const { return addresses_.size(); }
    std::size_t bytes() const { return bytes_; } // about what it takes in memory
    auto begin() const { return addresses_.begin(); }
    auto end() const { return addresses_.end(); }

private:
    std::set<std::string, std::less<>> addresses_;
    std::size_t bytes_ = 0;
};

} // namespace jabberd::session_manager
