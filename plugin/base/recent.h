// SPDX-License-Identifier: LGPL-2.1-or-later
// What was made of the last few texts.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace jabberd {

// Values that depend on a text and on nothing else, for texts that come again and again. The oldest goes for a new one.
// Not thread-safe.
template <typename Value>
class Recent {
public:
    static constexpr std::size_t most = 8;           // texts
    static constexpr std::size_t longest = 8 * 1024; // bytes of one: what is longer is made each time

    // `make` takes the text.
    template <typename Make>
    Value of(std::string_view text, Make make)
    {
        const auto known = std::ranges::find(entries_, text, &Entry::text);
        if (known != entries_.end())
            return known->value;
        Value made = make(text);
        if (text.size() <= longest)
            keep({std::string{text}, made});
        return made;
    }

private:
    struct Entry {
        std::string text;
        Value value;
    };

    void keep(Entry entry)
    {
        if (entries_.size() < most)
            return entries_.push_back(std::move(entry));
        entries_[oldest_] = std::move(entry);
        oldest_ = (oldest_ + 1) % most;
    }

    std::vector<Entry> entries_;
    std::size_t oldest_ = 0;
};

} // namespace jabberd
