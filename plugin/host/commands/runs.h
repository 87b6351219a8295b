// SPDX-License-Identifier: LGPL-2.1-or-later
// The commands that run in one service, each on a thread of its own.
#pragma once

#include "host/commands/talk.h"

#include <list>
#include <memory>
#include <thread>
#include <vector>

namespace jabberd::host {

struct CommandLine {
    enum class Purpose { Run, Complete };

    std::string command; // its name
    std::vector<std::string> arguments;
    Purpose purpose = Purpose::Run;
};

// [main]
class CommandRuns {
public:
    CommandRuns() = default;
    ~CommandRuns() { end(); }
    CommandRuns(const CommandRuns &) = delete;
    CommandRuns &operator=(const CommandRuns &) = delete;

    // The instance, and its code, must be there until the run has ended. Null: there is no thread for it.
    std::shared_ptr<CommandTalk> begin(const jabberd_commands &commands, jabberd_instance *instance, CommandLine line);

    // Tells all that they are over. False when one has not returned by then: it still runs.
    bool end_by(std::chrono::steady_clock::time_point deadline);
    void end(); // waits for as long as it takes

private:
    struct Run {
        std::shared_ptr<CommandTalk> talk;
        std::thread thread;
    };

    void collect(); // those that have returned

    std::list<Run> runs_;
};

} // namespace jabberd::host
