// SPDX-License-Identifier: LGPL-2.1-or-later
// A user's contacts, and how much of them there is.
#pragma once

#include "session_manager/roster/item.h"
#include "session_manager/roster/version.h"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace jabberd::session_manager {

using RosterItemPtr = std::shared_ptr<const RosterItem>; // what a list of them holds stays as it is

// How many, and how large together.
struct Amount {
    std::uint32_t items = 0, bytes = 0;
};

class Roster {
public:
    const RosterItem *find(std::string_view contact) const; // null: there is none
    void put(RosterItem item);                              // in place of what was there; an empty one is removed

    auto begin() const { return items_.begin(); } // by contact
    auto end() const { return items_.end(); }

    std::vector<RosterItemPtr> listed() const; // what the owner's clients see

    // Of what the owner has, and of strangers' requests.
    Amount own() const { return own_; }
    Amount requests() const { return requests_; }

    std::string version() const { return version_.text(); } // of listed()

private:
    Amount &amount_of(const RosterItem &item) { return item.only_requests() ? requests_ : own_; }

    std::map<std::string, RosterItemPtr, std::less<>> items_;
    Amount own_, requests_;
    RosterVersion version_;
};

} // namespace jabberd::session_manager
