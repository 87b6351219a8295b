// SPDX-License-Identifier: LGPL-2.1-or-later
// A deadline that calls a function.
#pragma once

#include "event/timers.h"

#include <functional>
#include <utility>

namespace jabberd::event {

class Alarm final : public Timer {
public:
    explicit Alarm(std::function<void()> rings) : rings_(std::move(rings)) {}

private:
    void on_timer() override { rings_(); }

    const std::function<void()> rings_;
};

} // namespace jabberd::event
