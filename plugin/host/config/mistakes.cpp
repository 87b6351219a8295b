// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/config/mistakes.h"

#include <algorithm>

namespace jabberd::host {

std::string to_text(const Mistake &mistake)
{
    const std::string line = mistake.line == 0 ? "" : ":" + std::to_string(mistake.line);
    return mistake.file + line + ": " + mistake.message;
}

bool Mistakes::fatal() const
{
    return std::any_of(all_.begin(), all_.end(),
                       [](const Mistake &mistake) { return mistake.level <= JABBERD_LOG_ERROR; });
}

} // namespace jabberd::host
