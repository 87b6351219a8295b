// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/text/locale.h"

#include <clocale>
#include <cstring>

namespace jabberd::host {

void use_characters_of_locale()
{
    const char *name = std::setlocale(LC_CTYPE, "");
    if (name == nullptr || std::strcmp(name, "C") == 0 || std::strcmp(name, "POSIX") == 0)
        std::setlocale(LC_CTYPE, "C.UTF-8");
}

} // namespace jabberd::host
