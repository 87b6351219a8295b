// SPDX-License-Identifier: LGPL-2.1-or-later
// How many processors of the machine have nothing to do.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace jabberd::workers {

class IdleProcessors {
public:
    explicit IdleProcessors(std::string file = "/proc/stat") : file_(std::move(file)) {}

    // The average since the last call. Nothing at the first call, and where the file cannot be read.
    std::optional<double> since_last_look();

private:
    struct Times { // of all processors together, in ticks (proc(5))
        std::uint64_t idle, all;
    };
    std::optional<Times> read() const;

    std::string file_;
    std::optional<Times> last_;
};

} // namespace jabberd::workers
