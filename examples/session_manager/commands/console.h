// SPDX-License-Identifier: LGPL-2.1-or-later
// The operator who runs a command: what the command says to them, and what it gets.
#pragma once

#include "base/secret.h"

#include <jabberd/commands.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace jabberd::session_manager::commands {

// [command] Where something is false, or nothing, because the run is over, is_over() is true: return.
class Console {
public:
    explicit Console(const jabberd_command_call &call) : call_(call) {}

    std::vector<std::string_view> arguments() const;

    bool say(std::string_view text);      // with its line ends
    void complain(std::string_view what); // a line, without its end
    // Some of the input; "" at its end. Borrowed until the next call.
    std::string_view read();
    // Nothing: there is none, and the operator was told.
    std::optional<Secret> password(const std::string &prompt);

    bool is_over() const { return over_; }

private:
    const jabberd_command_call &call_;
    std::string input_;
    bool over_ = false;
};

// What is wrong with the arguments was said by complain().
inline constexpr jabberd_command_result done = JABBERD_COMMAND_DONE;
inline constexpr jabberd_command_result failed = JABBERD_COMMAND_FAILED;
inline constexpr jabberd_command_result misused = JABBERD_COMMAND_MISUSED;

} // namespace jabberd::session_manager::commands
