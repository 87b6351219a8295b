// SPDX-License-Identifier: LGPL-2.1-or-later
// The words of the control socket's protocol, and how the arguments of a command stand in a line of it.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace jabberd::host {

// What jabberd-ctl and the host mean by themselves; a component's command of that name has its service in front of it.
inline constexpr std::array<std::string_view, 13> control_words{"status",   "sessions", "top",  "metrics", "trace",
                                                                "reload",   "reopen",   "swap", "stop",    "help",
                                                                "commands", "complete", "run"};

bool is_control_word(std::string_view word);

// "status, sessions, …": those that an operator says.
std::string words_for_people();

// Of arguments one line, and back: a blank between two, and %XX for every byte that is no letter, digit or one of -._~.
// Nothing for a line that is not so.
std::string joined_words(const std::vector<std::string> &words);
std::optional<std::vector<std::string>> split_words(std::string_view line);

} // namespace jabberd::host
