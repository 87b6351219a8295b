// SPDX-License-Identifier: LGPL-2.1-or-later
// The handlers of one instance, called in the order and on the terms the ABI promises.
#pragma once

#include "base/owned_packet.h"

#include <jabberd/component.h>

#include <array>
#include <deque>
#include <mutex>
#include <vector>

namespace jabberd::test {

class HandlerList {
public:
    void set_thread_model(jabberd_thread_model model) { model_ = model; }
    void add(jabberd_order order, jabberd_handler handler, void *data) { orders_[order].push_back({handler, data}); }

    // All handlers of an earlier order before any of a later one, until one does not PASS. [any-thread]
    // A serialized component that is busy is given the packet by the thread that keeps it busy.
    jabberd_result give(const jabberd_packet &packet);

private:
    struct Handler {
        jabberd_handler call;
        void *data;
    };

    jabberd_result ask(const jabberd_packet &packet) const;

    jabberd_thread_model model_ = JABBERD_SERIALIZED;
    std::array<std::vector<Handler>, JABBERD_DELIVER + 1> orders_;
    std::mutex mutex_;
    bool busy_ = false;
    std::deque<OwnedPacket> waiting_;
};

} // namespace jabberd::test
