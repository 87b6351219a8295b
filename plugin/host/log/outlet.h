// SPDX-License-Identifier: LGPL-2.1-or-later
// Writes records where another program reads them, at its own pace, or never.
#pragma once

#include "base/unique_fd.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace jabberd::host::log {

// The caller writes by itself while that cannot block: a socket is told so with each call, a pipe or terminal by a
// description of our own, because O_NONBLOCK on the one we got would change it for the shell, too. What has no room, or
// cannot be had that way, waits in a queue for a thread of its own. What has no room there is lost, and counted.
class Outlet {
public:
    // What says in a record that so many were lost. It is written in their place.
    using Note = std::function<std::string(std::uint64_t lost)>;
    static constexpr std::size_t max_waiting = 1024 * 1024; // bytes: seconds of a busy host

    // Goes on with what `descriptor` is now, whatever gets its number later; or, where `open` is given, with what that
    // returns, which is asked again when the other end was replaced (a socket of datagrams: a record is one).
    Outlet(int descriptor, Note note);
    Outlet(const std::function<UniqueFd()> &open, Note note);
    ~Outlet(); // what waits is given up; the thread may end later
    Outlet(const Outlet &) = delete;
    Outlet &operator=(const Outlet &) = delete;

    // [any-thread] Never blocks. One record.
    void write(std::string record);

    // [any-thread] Goes on with what `descriptor` is now, as soon as nothing waits: for a file, with the next record.
    void redirect(int descriptor);

    // [any-thread] Waits until nothing waits, but no longer than this. For the end of a process.
    bool flush(std::chrono::milliseconds patience);

    // [any-thread] Lost, and not yet told.
    std::uint64_t lost() const;

private:
    struct State;
    const std::shared_ptr<State> state_; // with the thread, which cannot be stopped in a write()
};

} // namespace jabberd::host::log
