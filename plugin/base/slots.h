// SPDX-License-Identifier: LGPL-2.1-or-later
// Handles that cannot be mistaken for one another: slot + generation, never a pointer, never a bare fd.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
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
        if (free_.empty())
            add();
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

    // The object is found no more, and its id is given to no other until restore(), or free().
    void leave(SlotId id)
    {
        if (find(id) == nullptr)
            return;
        entries_[id.index].object = nullptr;
        --size_;
    }

    // What has been left.
    void free(SlotId id)
    {
        if (entries_[id.index].generation != UINT32_MAX)
            free_.push_back(id.index);
    }

    // For a successor: an id that is left.
    bool reserve(SlotId id)
    {
        while (entries_.size() <= id.index)
            add();
        const auto free = std::find(free_.rbegin(), free_.rend(), id.index);
        if (free == free_.rend())
            return false;
        free_.erase(std::next(free).base());
        entries_[id.index].generation = id.generation;
        return true;
    }

    T *find(SlotId id) const
    {
        if (id.index >= entries_.size() || entries_[id.index].generation != id.generation)
            return nullptr;
        return entries_[id.index].object;
    }

    std::size_t size() const { return size_; }

    // Larger than the generation of any id there ever was.
    std::uint32_t next_generation() const
    {
        std::uint32_t highest = floor_;
        for (const Entry &entry : entries_)
            highest = std::max(highest, entry.generation);
        return highest == UINT32_MAX ? highest : highest + 1;
    }

    // For a successor, while nothing was inserted: no new id gets a generation below this...
    void begin_at(std::uint32_t next_generation) { floor_ = next_generation - 1; }

    // ...and this one is in use. False: it is already.
    bool restore(SlotId id, T &object)
    {
        while (entries_.size() <= id.index)
            add();
        Entry &entry = entries_[id.index];
        if (entry.object != nullptr)
            return false;
        entry = {&object, id.generation};
        const auto free = std::find(free_.rbegin(), free_.rend(), id.index); // in order of index it is the last one
        if (free != free_.rend())
            free_.erase(std::next(free).base());
        ++size_;
        return true;
    }

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

    // With room for all of them among those that are free: erase() never needs memory.
    void add()
    {
        if (entries_.size() == entries_.capacity())
            entries_.reserve(std::max<std::size_t>(8, 2 * entries_.capacity()));
        free_.reserve(entries_.capacity());
        free_.push_back(static_cast<std::uint32_t>(entries_.size()));
        entries_.push_back({nullptr, floor_});
    }

    std::vector<Entry> entries_;
    std::vector<std::uint32_t> free_;
    std::size_t size_ = 0;
    std::uint32_t floor_ = 0;
};

} // namespace jabberd
