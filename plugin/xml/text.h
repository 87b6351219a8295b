// SPDX-License-Identifier: LGPL-2.1-or-later
// libxml2's text as ours.
#pragma once

#include <libxml/xmlstring.h>

#include <string_view>

namespace jabberd::xml {

// Null and empty both become "".
inline std::string_view as_text(const xmlChar *s)
{
    return s == nullptr ? std::string_view{} : std::string_view{reinterpret_cast<const char *>(s)};
}

} // namespace jabberd::xml
