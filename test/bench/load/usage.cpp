// SPDX-License-Identifier: LGPL-2.1-or-later
#include "load/usage.h"

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

namespace jabberd::bench {

std::chrono::nanoseconds cpu_time(std::span<const pid_t> processes)
{
    std::chrono::nanoseconds sum{0};
    for (const pid_t process : processes) {
        const std::filesystem::path tasks = "/proc/" + std::to_string(process) + "/task";
        if (!std::filesystem::exists(tasks))
            throw std::runtime_error("there is no process " + std::to_string(process));
        // schedstat counts in nanoseconds; stat only in ticks of 10 ms.
        for (const auto &task : std::filesystem::directory_iterator{tasks}) {
            std::ifstream in{task.path() / "schedstat"};
            std::int64_t nanoseconds = 0;
            if (in >> nanoseconds)
                sum += std::chrono::nanoseconds{nanoseconds};
        }
    }
    return sum;
}

Memory memory(std::span<const pid_t> processes)
{
    Memory result;
    for (const pid_t process : processes) {
        std::ifstream in{"/proc/" + std::to_string(process) + "/smaps_rollup"};
        std::string word;
        while (in >> word) {
            if (word != "Rss:" && word != "Anonymous:")
                continue;
            std::size_t kilobytes = 0;
            in >> kilobytes;
            (word == "Rss:" ? result.resident : result.anonymous) += kilobytes * 1024;
        }
    }
    return result;
}

} // namespace jabberd::bench
