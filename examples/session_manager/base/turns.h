// SPDX-License-Identifier: LGPL-2.1-or-later
// A queue in which nobody waits for all that another has put into it.
#pragma once

#include <cstddef>
#include <list>
#include <string>
#include <unordered_map>
#include <utility>

namespace jabberd::session_manager {

// In whose turn something is done. Groups (a network address, an account, another host) take turns, and so do those
// within a group (its connections).
struct Turn {
    std::string group, one;
};

// What each has put into it comes out in order. Not locked.
template <typename Item>
class TurnQueue {
public:
    bool empty() const { return groups_.empty(); }
    std::size_t size() const { return size_; }

    void push(const Turn &turn, Item item)
    {
        groups_.of(turn.group).of(turn.one).push_back(std::move(item));
        ++size_;
    }

    // Not of an empty one.
    Item pop()
    {
        auto &group = groups_.first();
        auto &line = group.first();
        Item item = std::move(line.front());
        line.pop_front();
        group.next();
        groups_.next();
        --size_;
        return item;
    }

private:
    // By key, in the order of their turns; one that is empty leaves it.
    template <typename Queue>
    class Ring {
    public:
        bool empty() const { return order_.empty(); }
        Queue &of(const std::string &key)
        {
            const auto [found, is_new] = known_.try_emplace(key);
            if (is_new)
                found->second = order_.emplace(order_.end(), key, Queue{});
            return found->second->second;
        }
        Queue &first() { return order_.front().second; }
        void next()
        {
            if (!first().empty())
                return order_.splice(order_.end(), order_, order_.begin());
            known_.erase(order_.front().first);
            order_.pop_front();
        }

    private:
        using Order = std::list<std::pair<std::string, Queue>>;
        Order order_;
        std::unordered_map<std::string, typename Order::iterator> known_;
    };

    Ring<Ring<std::list<Item>>> groups_;
    std::size_t size_ = 0;
};

} // namespace jabberd::session_manager
