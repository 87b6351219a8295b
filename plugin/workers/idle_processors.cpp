// SPDX-License-Identifier: LGPL-2.1-or-later
#include "workers/idle_processors.h"

#include "base/unique_fd.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <string_view>
#include <thread>

namespace jabberd::workers {

std::optional<double> IdleProcessors::since_last_look()
{
    const auto before = last_;
    last_ = read();
    if (!before || !last_ || last_->all <= before->all || last_->idle < before->idle)
        return std::nullopt;
    const auto part = static_cast<double>(last_->idle - before->idle) / static_cast<double>(last_->all - before->all);
    return part * std::thread::hardware_concurrency();
}

// "cpu  user nice system idle iowait irq softirq steal …"
std::optional<IdleProcessors::Times> IdleProcessors::read() const
{
    const UniqueFd file{open(file_.c_str(), O_RDONLY | O_CLOEXEC)};
    std::array<char, 512> text;
    const ssize_t size = file ? ::read(file.get(), text.data(), text.size() - 1) : -1;
    if (size < 4 || std::string_view{text.data(), 4} != "cpu ")
        return std::nullopt;
    text[static_cast<std::size_t>(size)] = '\0';
    constexpr int idle = 3, iowait = 4, fields = 8;
    Times times{0, 0};
    char *at = text.data() + 4;
    for (int field = 0; field < fields; ++field) {
        char *end = at;
        const std::uint64_t ticks = std::strtoull(at, &end, 10);
        if (end == at)
            return std::nullopt;
        at = end;
        times.all += ticks;
        if (field == idle || field == iowait)
            times.idle += ticks;
    }
    return times;
}

} // namespace jabberd::workers
