// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/config/mistakes.h"

#include "host/log/log.h"

#include <algorithm>

namespace jabberd::host {

std::string to_text(const Mistake &mistake)
{
    const std::string line = mistake.line == 0 ? "" : ":" + std::to_string(mistake.line);
    return mistake.file + line + ": " + mistake.message;
}

void log_mistake(const Mistake &mistake, std::string_view service)
{
    log::write_about(mistake.file, mistake.line, mistake.level, service, to_text(mistake));
}

void Mistakes::sort()
{
    std::vector<std::string> files;
    for (const Mistake &mistake : all_) {
        if (std::ranges::find(files, mistake.file) == files.end())
            files.push_back(mistake.file);
    }
    std::ranges::stable_sort(all_, [&](const Mistake &a, const Mistake &b) {
        return a.file == b.file ? a.line < b.line : std::ranges::find(files, a.file) < std::ranges::find(files, b.file);
    });
}

bool Mistakes::fatal() const
{
    return std::any_of(all_.begin(), all_.end(),
                       [](const Mistake &mistake) { return mistake.level <= JABBERD_LOG_ERROR; });
}

void Mistakes::log(std::string_view service) const
{
    for (const Mistake &mistake : all_)
        log_mistake(mistake, service);
}

} // namespace jabberd::host
