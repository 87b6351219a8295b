// SPDX-License-Identifier: LGPL-2.1-or-later
// Work posted to a loop as a function.
#pragma once

#include "event/loop.h"

#include <functional>
#include <utility>

namespace jabberd::event {

class Posted final : public Task {
public:
    explicit Posted(std::function<void()> function) : function_(std::move(function)) {}
    void run() override { function_(); }

private:
    const std::function<void()> function_;
};

} // namespace jabberd::event
