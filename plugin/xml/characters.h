// SPDX-License-Identifier: LGPL-2.1-or-later
// What a character may be in XML 1.0 (fourth edition, as the Parser is told to read).
#pragma once

#include <libxml/parserInternals.h>

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace jabberd::xml {

struct Character {
    char32_t code;
    std::size_t size; // 0: it is cut
};

// Of UTF-8 that is right as far as it goes, and not empty.
inline Character first_character(std::string_view bytes)
{
    if (static_cast<unsigned char>(bytes.front()) < 0x80)
        return {static_cast<unsigned char>(bytes.front()), 1};
    int size = static_cast<int>(std::min<std::size_t>(bytes.size(), 4));
    const int code = xmlGetUTF8Char(reinterpret_cast<const unsigned char *>(bytes.data()), &size);
    return code < 0 ? Character{0, 0} : Character{static_cast<char32_t>(code), static_cast<std::size_t>(size)};
}

inline bool is_space(char32_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

// libxml2's own tables: there are no two opinions about a character.
inline bool is_character(char32_t c)
{
    return IS_CHAR(c);
}

inline bool begins_name(char32_t c)
{
    return c == '_' || IS_LETTER(c);
}

inline bool continues_name(char32_t c)
{
    return begins_name(c) || c == '.' || c == '-' || IS_DIGIT(c) || IS_COMBINING(c) || IS_EXTENDER(c);
}

// Of the letters of ASCII.
inline char32_t lower(char32_t c)
{
    return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
}

} // namespace jabberd::xml
