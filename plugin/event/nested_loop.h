// SPDX-License-Identifier: LGPL-2.1-or-later
// A loop inside of another: its epoll is a descriptor of the outer one's.
#pragma once

#include "event/loop.h"

namespace jabberd::event {

class Loop::Nested final : public Watched {
public:
    Nested(Loop &outer_, Loop &inner_) : outer(outer_), inner(inner_) {}

    Loop &outer, &inner;
    SlotId watch;
    bool active = false;

private:
    void on_ready(std::uint32_t) override
    {
        outer.enter(inner, Entry::Waits);
        inner.poll();
    }
};

} // namespace jabberd::event
