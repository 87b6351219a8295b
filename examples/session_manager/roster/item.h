// SPDX-License-Identifier: LGPL-2.1-or-later
// One contact in a user's roster, and what became of the two subscriptions between them.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace jabberd::session_manager {

namespace roster {
inline constexpr std::string_view xmlns = "jabber:iq:roster";
} // namespace roster

struct RosterItem {
    std::string contact; // prepared bare address
    std::string name;
    std::string groups;  // canonical XML: <group>…</group>…, which only clients understand
    bool listed = false; // clients see it; an item that only holds a request is not seen (RFC 6121 §3.1.3)
    bool to = false;     // the user gets the contact's presence
    bool from = false;   // the contact gets the user's presence
    bool ask = false;    // the user has asked, the contact has not answered
    std::optional<std::string> request; // the contact has asked, the user has not answered: the body of the request

    bool empty() const { return !listed && !to && !from && !ask && !request; }
    // A stranger's: all there is of it is a request that waits for an answer.
    bool only_requests() const { return !listed && !to && !from && !ask && request; }
    std::size_t bytes() const; // about what it takes in memory
    friend bool operator==(const RosterItem &, const RosterItem &) = default;
};

// Appends <item jid='…' …/> as clients see it.
void append_item(std::string &out, const RosterItem &item);
void append_removed_item(std::string &out, std::string_view contact);

} // namespace jabberd::session_manager
