// SPDX-License-Identifier: LGPL-2.1-or-later
#include "workers/side_by_side.h"

#include "workers/signals_blocked.h"

#include <exception>
#include <thread>
#include <vector>

namespace jabberd::workers {

void side_by_side(std::size_t count, const std::function<void(std::size_t)> &part)
{
    std::vector<std::exception_ptr> problems(count);
    const auto run = [&](std::size_t number) noexcept {
        try {
            part(number);
        } catch (...) {
            problems[number] = std::current_exception();
        }
    };
    std::vector<std::thread> threads;
    threads.reserve(count);
    for (std::size_t number = 1; number < count; ++number) {
        try {
            const SignalsBlocked blocked;
            threads.emplace_back(run, number);
        } catch (const std::exception &) { // no room for another thread
            run(number);
        }
    }
    if (count > 0)
        run(0);
    for (std::thread &thread : threads)
        thread.join();
    for (const std::exception_ptr &problem : problems) {
        if (problem)
            std::rethrow_exception(problem);
    }
}

} // namespace jabberd::workers
