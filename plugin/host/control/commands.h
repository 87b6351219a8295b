// SPDX-License-Identifier: LGPL-2.1-or-later
// What can be asked through the control socket.
#pragma once

#include "host/commands/runs.h"

#include <memory>
#include <string>
#include <string_view>

namespace jabberd::host {

// [main] Answers are whole lines of JSON.
class Commands {
public:
    virtual std::string status() = 0;
    virtual std::string sessions() = 0;
    virtual std::string metrics() = 0;
    virtual std::string reload() = 0;
    virtual std::string reopen() = 0; // the log file
    virtual std::string swap(std::string_view service, std::string_view file) = 0;
    virtual std::string offered() = 0; // the commands of components
    // Begins one of them, or its completion. Null after `refusal` was filled in: what to answer instead.
    virtual std::shared_ptr<CommandTalk> begin(std::string_view words, CommandLine::Purpose purpose,
                                               std::string &refusal) = 0;
    virtual void stop() = 0; // soon: the answer is the end of the connection, when all has stopped

protected:
    ~Commands() = default;
};

} // namespace jabberd::host
