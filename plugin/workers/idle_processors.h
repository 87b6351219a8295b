// SPDX-License-Identifier: LGPL-2.1-or-later
// How many processors of the machine have nothing to do.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace jabberd::workers {

class IdleProcessors {
public:
    explicit IdleProcessors(std::string file = "/proc/stat") : file_(std::move(file)) {}

    // Since the last call, on average; nothing: nobody knows, for there was none, or the file is not to be read.
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
