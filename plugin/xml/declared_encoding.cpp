// SPDX-License-Identifier: LGPL-2.1-or-later
#include "xml/declared_encoding.h"

#include <string>
#include <string_view>

namespace jabberd::xml {

// libxml2 has found the declaration well-formed, and it is still in the buffer: encoding = 'name', white space where it
// likes.
bool declares_utf8(const xmlParserInput &input)
{
    const std::string_view declaration{reinterpret_cast<const char *>(input.base),
                                       static_cast<std::size_t>(input.cur - input.base)};
    const auto key = declaration.find("encoding");
    if (key == std::string_view::npos)
        return true;
    const auto open = declaration.find_first_of("'\"", key);
    const std::string name{declaration.substr(open + 1, declaration.find(declaration[open], open + 1) - open - 1)};
    return xmlStrcasecmp(reinterpret_cast<const xmlChar *>(name.c_str()), reinterpret_cast<const xmlChar *>("UTF-8")) ==
           0;
}

} // namespace jabberd::xml
