// SPDX-License-Identifier: LGPL-2.1-or-later
#include "stub/handler_list.h"

#include <utility>

namespace jabberd::test {

jabberd_result HandlerList::ask(const jabberd_packet &packet) const
{
    for (const auto &handlers : orders_) {
        for (const Handler &handler : handlers) {
            if (const jabberd_result result = handler.call(handler.data, &packet); result != JABBERD_PASS)
                return result;
        }
    }
    return JABBERD_PASS;
}

jabberd_result HandlerList::give(const jabberd_packet &packet)
{
    if (model_ == JABBERD_PARALLEL)
        return ask(packet);
    {
        const std::lock_guard lock{mutex_};
        if (busy_) {
            waiting_.emplace_back(packet);
            return JABBERD_DONE;
        }
        busy_ = true;
    }
    const jabberd_result result = ask(packet);
    for (;;) {
        OwnedPacket next;
        {
            const std::lock_guard lock{mutex_};
            if (waiting_.empty()) {
                busy_ = false;
                return result;
            }
            next = std::move(waiting_.front());
            waiting_.pop_front();
        }
        ask(next.packet());
    }
}

} // namespace jabberd::test
