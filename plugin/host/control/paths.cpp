// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/control/paths.h"

#include <cstdlib>

namespace jabberd::host {

std::string default_control_path()
{
    if (const char *named = std::getenv("JABBERD_CONTROL"); named != nullptr && *named != '\0')
        return named;
    if (const char *runtime = std::getenv("XDG_RUNTIME_DIR"); runtime != nullptr && *runtime != '\0')
        return std::string{runtime} + "/jabberd.sock";
    return "/run/jabberd/control.sock";
}

} // namespace jabberd::host
