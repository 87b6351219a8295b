// SPDX-License-Identifier: LGPL-2.1-or-later
// Handles that cannot be mistaken for one another: slot + generation, never a pointer, never a bare fd.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace jabberd {

struct SlotId {
    std::uint32_t index = UINT32_MAX;
    std::uint32_t generation = 0;

    friend bool operator==(SlotId, SlotId) = default;
};

// Maps ids to borrowed objects. An id is never given out twice: a slot whose generations are used up is retired. Not
// thread-safe.
template <typename T>
class Slots {
public:
    SlotId insert(T &object)
    {
        if (free_.empty()) {
            entries_.push_back({});
            free_.push_back(static_cast<std::uint32_t>(entries_.size() - 1));
        }
        const std::uint32_t index = free_.back();
        free_.pop_back();
        Entry &entry = entries_[index];
        entry.object = &object;
        ++size_;
        return {index, ++entry.generation};
    }

    void erase(SlotId id)
    {
        if (find(id) == nullptr)
            return;
        Entry &entry = entries_[id.index];
        entry.object = nullptr;
        --size_;
        if (entry.generation != UINT32_MAX)
            free_.push_back(id.index);
    }

    T *find(SlotId id) const
    {
        if (id.index >= entries_.size() || entries_[id.index].generation != id.generation)
            return nullptr;
        return entries_[id.index].object;
    }

    std::size_t size() const { return size_; }

    // `visit` may erase any id, but insert none.
    template <typename Visit>
    void for_each(Visit visit)
    {
        for (const Entry &entry : entries_) {
            if (entry.object != nullptr)
                visit(*entry.object);
        }
    }

private:
    struct Entry {
        T *object = nullptr;
        std::uint32_t generation = 0;
    };

    std::vector<Entry> entries_;
    std::vector<std::uint32_t> free_;
    std::size_t size_ = 0;
};

} // namespace jabberd
