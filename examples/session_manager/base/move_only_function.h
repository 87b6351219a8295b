// SPDX-License-Identifier: LGPL-2.1-or-later
// A callable that may own what cannot be copied: std::move_only_function, which C++20 does not have yet.
#pragma once

#include <memory>
#include <utility>

namespace jabberd::session_manager {

template <typename Signature>
class MoveOnlyFunction;

// Called at most once or many times, as the callable allows; empty after a move.
template <typename... Arguments>
class MoveOnlyFunction<void(Arguments...)> {
public:
    template <typename Callable>
    MoveOnlyFunction(Callable callable) : callable_(std::make_unique<Holder<Callable>>(std::move(callable)))
    {
    }

    void operator()(Arguments... arguments) { callable_->call(std::forward<Arguments>(arguments)...); }

private:
    struct Base {
        virtual ~Base() = default;
        virtual void call(Arguments... arguments) = 0;
    };
    template <typename Callable>
    struct Holder final : Base {
        explicit Holder(Callable held) : callable(std::move(held)) {}
        void call(Arguments... arguments) override { callable(std::forward<Arguments>(arguments)...); }
        Callable callable;
    };

    std::unique_ptr<Base> callable_;
};

} // namespace jabberd::session_manager
