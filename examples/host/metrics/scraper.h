// SPDX-License-Identifier: LGPL-2.1-or-later
// One client of the metrics listener.
#pragma once

#include "base/unique_fd.h"
#include "host/control/watch.h"
#include "metrics/answer.h"

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>

namespace jabberd::host {

// [main] One request, one answer, and the end.
class Scraper {
public:
    // `on_end` is called as the last thing when it is over, at the latest after so long, and may destroy it. All is
    // borrowed for life.
    Scraper(UniqueFd socket, const Served &served, const std::function<void()> &on_end,
            std::chrono::milliseconds longest);

    // Whether it is over, and may be destroyed.
    bool finished() const { return finished_; }

private:
    Watch watch(GIOCondition conditions, void (Scraper::*ready)());
    void read();
    void write();
    void discard();

    const Served &served_;
    const std::function<void()> &on_end_;
    UniqueFd socket_;
    std::string request_;
    std::string answer_;
    std::size_t sent_ = 0; // bytes of it
    bool finished_ = false;
    Watch ready_;
    Delay end_;
};

} // namespace jabberd::host
