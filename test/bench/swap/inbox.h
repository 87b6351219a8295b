// SPDX-License-Identifier: LGPL-2.1-or-later
// What one client has got from its partner, whose messages are numbered from 0.
#pragma once

#include <cstdint>
#include <set>

namespace jabberd::bench {

struct Mistaken {
    std::uint64_t lost = 0, duplicated = 0, reordered = 0;

    bool none() const { return lost + duplicated + reordered == 0; }
};

class Inbox {
public:
    void arrived(std::uint64_t number)
    {
        if (number >= next_) {
            while (next_ < number)
                missing_.insert(next_++);
            ++next_;
        } else if (missing_.erase(number) > 0) {
            ++mistaken_.reordered;
        } else {
            ++mistaken_.duplicated;
        }
    }

    bool has_all(std::uint64_t sent) const { return next_ >= sent; }

    Mistaken mistaken(std::uint64_t sent) const
    {
        Mistaken all = mistaken_;
        all.lost = missing_.size() + (sent > next_ ? sent - next_ : 0);
        return all;
    }

private:
    std::uint64_t next_ = 0;
    std::set<std::uint64_t> missing_;
    Mistaken mistaken_;
};

} // namespace jabberd::bench
