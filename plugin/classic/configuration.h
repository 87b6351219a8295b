// SPDX-License-Identifier: LGPL-2.1-or-later
// The <service/> of a classic host as the configuration of a native one.
#pragma once

#include "classic/functions.h"
#include "host/config/configuration.h"
#include "host/config/mistakes.h"

#include <filesystem>
#include <string>

namespace jabberd::classic {

// What a native host would read if this service were all of its configuration; the <io/> of the whole server goes with
// it. `component` is the file that runs it. Classic hosts keep no lines: they are looked up in the files that the host
// was started with, if these can be found.
host::Configuration read_configuration(const Functions &functions, const Instance &instance,
                                       const std::filesystem::path &component, host::Mistakes &mistakes);

// The same out of the files, which have been changed since.
host::Configuration read_changed_configuration(const std::string &id, const std::filesystem::path &component,
                                               host::Mistakes &mistakes);

} // namespace jabberd::classic
