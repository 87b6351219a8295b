// SPDX-License-Identifier: LGPL-2.1-or-later
// A running command, as the client of the control socket that has begun it sees it.
#pragma once

#include "host/commands/talk.h"

#include <memory>
#include <string>
#include <string_view>

namespace jabberd::host {

// [main] The client answers what it is asked with a line each: `input`, a blank and bytes in Base64, or `end`. Its own
// end is that of the run.
class CommandChannel {
public:
    explicit CommandChannel(std::shared_ptr<CommandTalk> talk);
    ~CommandChannel();
    CommandChannel(const CommandChannel &) = delete;
    CommandChannel &operator=(const CommandChannel &) = delete;

    // What the client has sent. False: it is no answer, or one to no question.
    bool take(std::string_view bytes);

    CommandTalk &talk() { return *talk_; }

private:
    bool answer(std::string_view line);

    const std::shared_ptr<CommandTalk> talk_;
    std::string received_; // may hold a secret: as large as it can get, so that no copy stays behind
};

} // namespace jabberd::host
