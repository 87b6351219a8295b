// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/text/printable.h"

#include <glib.h>

#include <algorithm>

namespace jabberd::host {

namespace {

bool prints(gunichar c)
{
    const GUnicodeType type = g_unichar_type(c);
    // A private character is whatever the terminal's font makes of it; the two separators end a line for some readers.
    return g_unichar_isprint(c) && type != G_UNICODE_PRIVATE_USE && type != G_UNICODE_LINE_SEPARATOR &&
           type != G_UNICODE_PARAGRAPH_SEPARATOR;
}

void append_number(std::string &out, const char *format, unsigned number)
{
    char buffer[16];
    g_snprintf(buffer, sizeof buffer, format, number);
    out += buffer;
}

bool is_plain_word(std::string_view text)
{
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return g_ascii_isalnum(c) || std::string_view{"-_.:/@+"}.find(c) != std::string_view::npos;
    });
}

} // namespace

void append_printable(std::string &out, std::string_view text)
{
    while (!text.empty()) {
        const gunichar c = g_utf8_get_char_validated(text.data(), static_cast<gssize>(text.size()));
        const bool is_character = c != static_cast<gunichar>(-1) && c != static_cast<gunichar>(-2);
        const std::size_t length = is_character ? static_cast<std::size_t>(g_unichar_to_utf8(c, nullptr)) : 1;
        if (!is_character)
            append_number(out, "\\x%02x", static_cast<unsigned char>(text.front()));
        else if (prints(c))
            out += text.substr(0, length);
        else
            append_number(out, "\\u{%x}", c);
        text.remove_prefix(length);
    }
}

std::string_view cut(std::string_view text, std::size_t limit)
{
    if (text.size() <= limit)
        return text;
    // Back to the byte that begins a character (RFC 3629 §3): continuation bytes are 10xxxxxx.
    while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xC0) == 0x80)
        --limit;
    return text.substr(0, limit);
}

std::string quoted(std::string_view text, std::size_t limit)
{
    const std::string_view head = cut(text, limit);
    const bool is_whole = head.size() == text.size();
    if (is_whole && is_plain_word(text))
        return std::string{text};

    std::string escaped;
    for (const char c : head) {
        if (c == '"' || c == '\\')
            escaped += '\\';
        escaped += c;
    }
    std::string out = "\"";
    append_printable(out, escaped);
    out += is_whole ? "\"" : "…\"";
    return out;
}

} // namespace jabberd::host
