// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/text/json_string.h"

#include "host/text/printable.h"

#include <glib.h>

#include <cstdio>

namespace jabberd::host {

namespace {

// UTF-16, in which JSON escapes characters (RFC 8259 §7).
std::string utf16_escape(gunichar c)
{
    char buffer[16];
    if (c < 0x10000) {
        std::snprintf(buffer, sizeof buffer, "\\u%04x", c);
    } else {
        const gunichar rest = c - 0x10000;
        std::snprintf(buffer, sizeof buffer, "\\u%04x\\u%04x", 0xD800 + (rest >> 10), 0xDC00 + (rest & 0x3FF));
    }
    return buffer;
}

std::string json_escaped(const Shown &shown)
{
    if (!shown.is_character)
        return "\\" + shown.text; // \xff with its own backslash escaped
    if (shown.raw == "\"" || shown.raw == "\\")
        return "\\" + shown.text;
    if (shown.raw == "\n")
        return "\\n";
    return shown.prints ? shown.text : utf16_escape(g_utf8_get_char(shown.raw.data()));
}

} // namespace

std::string json_string(std::string_view text, std::size_t limit)
{
    std::string out = "\"";
    while (!text.empty()) {
        const std::string escaped = json_escaped(next_shown(text));
        if (out.size() - 1 + escaped.size() > limit)
            return out + "…\"";
        out += escaped;
    }
    return out + '"';
}

} // namespace jabberd::host
