// SPDX-License-Identifier: LGPL-2.1-or-later
// What the words of a command line could become, as far as the host knows; and what there is instead of an unknown one.
#pragma once

#include "host/commands/offered.h"

#include <string>
#include <string_view>
#include <vector>

namespace jabberd::host {

// Whether the last of these words is the host's own: the command itself, or an argument of the host's.
bool is_completed_by_host(const std::vector<std::string> &words);

// [main] What the last one could become.
std::vector<std::string> completions(const Host &host, const std::vector<OfferedCommand> &offered,
                                     const std::vector<std::string> &words);

// As a command's own completion is told: {"out":"accounts\nadd\n"}, {"exit":0}.
std::string completion_report(const std::vector<std::string> &words);

// "there is no command 'x'; there are …"
std::string unknown_command(const std::vector<OfferedCommand> &offered, std::string_view word);

} // namespace jabberd::host
