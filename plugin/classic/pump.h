// SPDX-License-Identifier: LGPL-2.1-or-later
// The way into the classic host: a Pth thread that does there what our threads may not.
#pragma once

#include "base/unique_fd.h"
#include "classic/functions.h"
#include "classic/log_room.h"

#include <jabberd/log.h>

#include <atomic>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <variant>

namespace jabberd::classic {

// Elements to be delivered, lines to be logged and records wait here, in order, for the one Pth thread that empties the
// queue. A descriptor wakes it: Pth's scheduler sleeps in select() and sees nothing else.
class Pump {
public:
    // `on_start` is called by the Pth thread as soon as it runs, which is when the host has read its configuration;
    // `on_relieved` after it was full(), when half of what waited is gone; `on_dropped` gets an element that the host
    // did not take. All are borrowed functions of its owner, and the host's functions are borrowed, too.
    Pump(const Functions &functions, Instance &instance, std::function<void()> on_start,
         std::function<void()> on_relieved, std::function<void(std::string element)> on_dropped);

    // [Pth, while loading] False when there can be no such thread. The host logs our lines under the address `log_as`;
    // "": under its own.
    bool start(std::string log_as);

    // [any-thread] Takes it in any case.
    void deliver(std::string element);

    // [any-thread] So much is waiting that no more should come until on_relieved().
    bool full() const { return full_; }

    // [any-thread] Lost where too many wait, because whoever reads the server's log does not; the next that has room
    // says how many were.
    void log(jabberd_log_level level, std::string line);
    void record(Record record);

    // [Pth] Logs and records what waits for it now, when no thread will come for it any more.
    void log_now();

    // [any-thread] The Pth thread touches nothing of ours afterwards, whenever it wakes.
    void stop() { stopped_ = true; }

private:
    struct Line {
        jabberd_log_level level;
        std::string text;
    };
    struct Note {
        std::string text; // of what was lost; takes no room in the log
    };
    using Item = std::variant<std::string, Line, Note, Record>; // a string is an element

    static void *run(void *self) noexcept; // below it are the host's frames
    void work();
    void add(Item item);
    void add_to_log(Item item, std::size_t bytes, std::uint64_t LogRoom::Lost::*kind);
    void is_logged(std::size_t bytes);
    void do_item(std::string &element);
    void do_item(const Line &line);
    void do_item(const Note &note);
    void do_item(const Record &record);
    void do_any(Item &item);
    bool wait(); // false: stopped
    void log_here(Functions::Level level, const std::string &line) const;

    const Functions &functions_;
    Instance &instance_;
    const std::function<void()> on_start_, on_relieved_;
    const std::function<void(std::string element)> on_dropped_;
    UniqueFd wake_;
    std::string log_as_;
    std::atomic<bool> stopped_{false};
    std::deque<Item> at_work_; // the Pth thread's; here, because what is on its stack is never destroyed: it is killed

    std::mutex mutex_; // for the rest; no thread that holds it calls the host
    std::deque<Item> waiting_;
    std::size_t waiting_bytes_ = 0; // of elements
    LogRoom log_room_;              // for lines and records
    std::atomic<bool> full_{false};
};

} // namespace jabberd::classic
