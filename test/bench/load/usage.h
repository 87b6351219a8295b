// SPDX-License-Identifier: LGPL-2.1-or-later
// What another process has used so far, as the kernel counts it.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <span>

namespace jabberd::bench {

// On the processor, user and system, all threads that live now, of all these processes. Throws std::runtime_error when
// one of them is not there.
std::chrono::nanoseconds cpu_time(std::span<const pid_t> processes);

struct Memory {
    std::size_t resident = 0;  // bytes: everything that is in memory
    std::size_t anonymous = 0; // bytes: of these, heap and stacks
};
Memory memory(std::span<const pid_t> processes);

} // namespace jabberd::bench
