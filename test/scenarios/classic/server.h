// SPDX-License-Identifier: LGPL-2.1-or-later
// A classic host as a process, and what it prints.
#pragma once

#include "base/unique_fd.h"
#include "support/patience.h"

#include <sys/types.h>

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace jabberd::test {

// Killed, with its process group, if it still runs when it is destroyed, or when the thread that started it ends.
class Server {
public:
    // `on_line` gets each line of its output, on a thread of its own. Throws std::runtime_error.
    Server(const std::vector<std::string> &command, std::function<void(const std::string &line)> on_line);
    ~Server();
    Server(const Server &) = delete;
    Server &operator=(const Server &) = delete;

    // Whether it has printed that line, or does in time.
    bool wait_for(const std::string &line, Clock::time_point deadline);

    // SIGTERM, and the exit status, or minus the signal that ended it.
    int stop();

    std::string output() const; // all of it, so far

private:
    void read();
    int reap();

    const std::function<void(const std::string &line)> on_line_;
    pid_t pid_ = -1;
    UniqueFd pipe_;
    mutable std::mutex mutex_; // guards the next three
    std::condition_variable printed_;
    std::vector<std::string> lines_;
    bool ended_ = false;
    std::thread reader_;
};

} // namespace jabberd::test
