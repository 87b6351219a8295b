// SPDX-License-Identifier: LGPL-2.1-or-later
// The host's log.
#pragma once

#include "base/view.h"

#include <jabberd/host.h>

#include <initializer_list>
#include <string_view>
#include <utility>
#include <vector>

namespace jabberd {

using LogFields = std::initializer_list<std::pair<const char *, std::string_view>>;

inline void write_log(const jabberd_host &host, jabberd_log_level level, std::string_view message, LogFields fields)
{
    std::vector<jabberd_log_field> all;
    for (const auto &[name, value] : fields) {
        if (!value.empty())
            all.push_back({name, view(value)});
    }
    const jabberd_log_record record{sizeof record, level, view(message), all.data(), all.size()};
    host.log(&host, &record);
}

} // namespace jabberd
