// SPDX-License-Identifier: LGPL-2.1-or-later
// What another process has used so far, as the kernel counts it.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>

namespace jabberd::bench {

// On the processor, user and system, all threads that live now. Throws std::runtime_error when there is no such
// process.
std::chrono::nanoseconds cpu_time(pid_t process);

struct Memory {
    std::size_t resident = 0;  // bytes: everything that is in memory
    std::size_t anonymous = 0; // bytes: of these, heap and stacks
};
Memory memory(pid_t process);

} // namespace jabberd::bench
