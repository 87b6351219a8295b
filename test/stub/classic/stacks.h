// SPDX-License-Identifier: LGPL-2.1-or-later
// Pth threads of the host, on stacks as small as jabberd's, with a pattern behind the end that tells who went too far.
#pragma once

#include <deque>
#include <functional>

#include <pth.h>

namespace stub {

// A detached Pth thread with 65536 bytes of stack. (More under a sanitizer, whose frames are no measure.)
void spawn(const char *name, std::function<void()> body);

// Aborts when the thread that is running has left its stack. The host asks after each call into the component.
void check_stack(const char *after);

// After pth_kill().
void free_stacks();

// A thread that does what it is given, in order.
class Worker {
public:
    explicit Worker(const char *name);
    void post(std::function<void()> task);

private:
    void work();

    pth_mutex_t mutex_ = PTH_MUTEX_INIT;
    pth_cond_t posted_ = PTH_COND_INIT;
    std::deque<std::function<void()>> tasks_;
};

} // namespace stub
