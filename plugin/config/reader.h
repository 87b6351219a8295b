// SPDX-License-Identifier: LGPL-2.1-or-later
// From a <service/> to Options.
#pragma once

#include "config/options.h"

#include <jabberd/host.h>

#include <optional>

namespace jabberd::config {

// Reads the first of our sections that the service has. Mistakes are reported through the host with their line, all of
// them, and then there are no options; unknown elements are warnings.
std::optional<Options> read_options(const jabberd_host &host, const jabberd_config &service);

// Reports what was found out only when the options were used. [main], in create() and reload().
void report(const jabberd_host &host, const Place &place, jabberd_log_level level, const std::string &message);

} // namespace jabberd::config
