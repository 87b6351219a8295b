// SPDX-License-Identifier: LGPL-2.1-or-later
// Which roster it is that a client has seen (RFC 6121 §2.6).
#pragma once

#include "session_manager/roster/item.h"

#include <array>
#include <cstdint>
#include <string>

namespace jabberd::session_manager {

// Made of what clients see of the items, in any order: the sum of their digests. Rosters that look the same have the
// same version, after a restart as before it, and nothing of it is stored.
class RosterVersion {
public:
    void add(const RosterItem &item); // one that clients do not see makes no difference
    void remove(const RosterItem &item);

    std::string text() const; // never empty

private:
    using Sum = std::array<std::uint64_t, 2>;

    static Sum digest_of(const RosterItem &item);

    Sum sum_{};
};

} // namespace jabberd::session_manager
