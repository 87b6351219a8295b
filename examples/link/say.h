// SPDX-License-Identifier: LGPL-2.1-or-later
// A line for the log.
#pragma once

#include "base/view.h"

#include <jabberd/host.h>

#include <string_view>

namespace jabberd::link {

inline void say(const jabberd_host &host, jabberd_log_level level, std::string_view line)
{
    jabberd_log_record record{};
    record.size = sizeof record;
    record.level = level;
    record.message = view(line);
    host.log(&host, &record);
}

} // namespace jabberd::link
