// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/base/log.h"

#include "base/view.h"

#include <vector>

namespace jabberd::session_manager {

void Log::write(jabberd_log_level level, std::string_view message, std::initializer_list<LogField> fields) const
{
    std::vector<jabberd_log_field> list;
    for (const LogField &field : fields)
        list.push_back({field.name, view(field.value)});
    jabberd_log_record record{};
    record.size = sizeof record;
    record.level = level;
    record.message = view(message);
    record.fields = list.empty() ? nullptr : list.data();
    record.field_count = list.size();
    host_.log(&host_, &record);
}

} // namespace jabberd::session_manager
