// SPDX-License-Identifier: LGPL-2.1-or-later
// What the main loop waits for as long as an object lives: a descriptor, a time.
#pragma once

#include <glib-unix.h>

#include <chrono>
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

// [main] Calls `over` once, after that time. It may be destroyed from inside its own call.
class Delay {
public:
    Delay() = default;
    Delay(std::chrono::milliseconds time, std::function<void()> over);
    Delay(Delay &&other) noexcept : source_(std::exchange(other.source_, nullptr)) {}
    Delay &operator=(Delay &&other) noexcept
    {
        std::swap(source_, other.source_);
        return *this;
    }
    ~Delay();

    explicit operator bool() const { return source_ != nullptr; } // also when it is over

private:
    GSource *source_ = nullptr;
};

} // namespace jabberd::host
