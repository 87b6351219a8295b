// SPDX-License-Identifier: LGPL-2.1-or-later
// What waits, in order. Nearly always that is nothing, and then it takes one pointer.
#pragma once

#include <list>
#include <memory>
#include <utility>

namespace jabberd::session_manager {

template <typename Item>
class WaitingList {
public:
    bool empty() const { return items_ == nullptr; }
    void push_back(Item item) { some().push_back(std::move(item)); }
    void push_front(Item item) { some().push_front(std::move(item)); }

    // The first, which is no longer in it. Not when it is empty.
    Item take_front()
    {
        Item front = std::move(items_->front());
        items_->pop_front();
        if (items_->empty())
            items_.reset();
        return front;
    }

private:
    std::list<Item> &some()
    {
        if (!items_)
            items_ = std::make_unique<std::list<Item>>();
        return *items_;
    }

    std::unique_ptr<std::list<Item>> items_;
};

} // namespace jabberd::session_manager
