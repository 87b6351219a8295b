// SPDX-License-Identifier: LGPL-2.1-or-later
// A descriptor watched by the main loop for as long as an object lives.
#pragma once

#include <glib-unix.h>

#include <functional>
#include <utility>

namespace jabberd::host {

// [main] Calls `ready` whenever one of `conditions` holds. It may be destroyed from inside its own call.
class Watch {
public:
    Watch() = default;
    Watch(int descriptor, GIOCondition conditions, std::function<void()> ready);
    Watch(Watch &&other) noexcept : source_(std::exchange(other.source_, nullptr)) {}
    Watch &operator=(Watch &&other) noexcept
    {
        std::swap(source_, other.source_);
        return *this;
    }
    ~Watch();

    explicit operator bool() const { return source_ != nullptr; }

private:
    GSource *source_ = nullptr;
};

} // namespace jabberd::host
