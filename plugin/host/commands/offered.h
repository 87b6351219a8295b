// SPDX-License-Identifier: LGPL-2.1-or-later
// The commands that the components of a host offer, and what each is called here.
#pragma once

#include "host/commands/runs.h"
#include "host/host.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace jabberd::host {

struct OfferedCommand {
    std::string service; // its id
    std::string name;    // as the component has it
    std::string word;    // for jabberd-ctl: the name, or id:name where the name alone would mean another one as well
    std::string arguments, summary, usage;
};

// [main] In the order of the services.
std::vector<OfferedCommand> offered_commands(const Host &host);

// By its word, or by id:name. Null: there is none.
const OfferedCommand *find_command(const std::vector<OfferedCommand> &offered, std::string_view word);

// [main] Begins one that was offered just now. Null: there is no thread for it.
std::shared_ptr<CommandTalk> begin_command(Host &host, const OfferedCommand &command,
                                           std::vector<std::string> arguments, CommandLine::Purpose purpose);

// What components would have an operator do next.
struct Advice {
    std::string command; // the words behind jabberd-ctl
    std::string purpose;
};

// [main] Waits for each component a second at most.
std::vector<Advice> advice_of(const Host &host);

// {"commands":[{"word":"accounts","service":"sessions","arguments":"…","summary":"…","usage":"…"}]}
std::string offered_report(const std::vector<OfferedCommand> &offered);

} // namespace jabberd::host
