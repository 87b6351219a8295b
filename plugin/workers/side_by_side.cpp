// SPDX-License-Identifier: LGPL-2.1-or-later
#include "workers/side_by_side.h"

#include "base/signals_blocked.h"

#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace jabberd::workers {

void side_by_side(std::size_t count, const std::function<void(std::size_t)> &part)
{
    std::mutex mutex;
    std::size_t lowest = count; // of those that have thrown
    std::exception_ptr problem;
    const auto run = [&](std::size_t number) noexcept {
        try {
            part(number);
        } catch (...) {
            const std::lock_guard lock{mutex};
            if (number < lowest) {
                lowest = number;
                problem = std::current_exception();
            }
        }
    };
    std::vector<std::thread> threads;
    for (std::size_t number = 1; number < count; ++number) {
        try {
            const SignalsBlocked blocked;
            threads.emplace_back(run, number);
        } catch (const std::exception &) { // no room for another thread, or no memory
            run(number);
        }
    }
    if (count > 0)
        run(0);
    for (std::thread &thread : threads)
        thread.join();
    if (problem)
        std::rethrow_exception(problem);
}

} // namespace jabberd::workers
