// SPDX-License-Identifier: LGPL-2.1-or-later
// The log as the configuration wants it.
#pragma once

#include "host/config/configuration.h"

#include <string>

namespace jabberd::host {

// [main] Format, privacy and file; not the level, which the command line may know better. The file is opened anew even
// if it is the one that is open. Where it cannot be, that is a mistake, and the log goes on where it was.
void apply_log(const Settings &settings, Mistakes &mistakes);

// [main] The same mistakes, without making or changing anything.
void check_log(const Settings &settings, Mistakes &mistakes);

// [main] Of the same file, after it was renamed: a new one is made, and no line is lost. False after saying why not.
bool reopen_log(const LogFile &log, std::string &why);

} // namespace jabberd::host
