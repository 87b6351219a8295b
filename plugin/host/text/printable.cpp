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

std::string number(const char *format, unsigned value)
{
    char buffer[16];
    g_snprintf(buffer, sizeof buffer, format, value);
    return buffer;
}

// Takes off `text` the printable ASCII that it begins with, which is nearly always all of it.
std::string_view take_ascii(std::string_view &text, std::string_view but = {})
{
    const auto end = std::ranges::find_if(
        text, [&](char c) { return !g_ascii_isprint(c) || but.find(c) != std::string_view::npos; });
    const std::string_view ascii = text.substr(0, static_cast<std::size_t>(end - text.begin()));
    text.remove_prefix(ascii.size());
    return ascii;
}

// False: there is no room for all of it. Each of these characters is one byte.
bool append_ascii(std::string &out, std::string_view ascii, std::size_t room)
{
    out += ascii.substr(0, room);
    return ascii.size() <= room;
}

bool is_plain_word(std::string_view text)
{
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return g_ascii_isalnum(c) || std::string_view{"-_.:/@+"}.find(c) != std::string_view::npos;
    });
}

} // namespace

Shown next_shown(std::string_view &text)
{
    const gunichar c = g_utf8_get_char_validated(text.data(), static_cast<gssize>(text.size()));
    const bool is_character = c != static_cast<gunichar>(-1) && c != static_cast<gunichar>(-2);
    const std::string_view raw =
        text.substr(0, is_character ? static_cast<std::size_t>(g_unichar_to_utf8(c, nullptr)) : 1);
    text.remove_prefix(raw.size());
    if (!is_character)
        return {raw, number("\\x%02x", static_cast<unsigned char>(raw.front())), false, false};
    if (!prints(c))
        return {raw, number("\\u{%x}", c), true, false};
    return {raw, std::string{raw}, true, true};
}

bool append_printable(std::string &out, std::string_view text, std::size_t limit)
{
    const std::size_t begin = out.size();
    for (;;) {
        if (!append_ascii(out, take_ascii(text), limit - (out.size() - begin)))
            return false;
        if (text.empty())
            return true;
        const std::string shown = next_shown(text).text;
        if (out.size() - begin + shown.size() > limit)
            return false;
        out += shown;
    }
}

void append_printable(std::string &out, std::string_view text)
{
    append_printable(out, text, std::string::npos);
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
    if (text.size() <= limit && is_plain_word(text))
        return std::string{text};
    std::string out = "\"";
    for (;;) {
        if (!append_ascii(out, take_ascii(text, "\"\\"), limit - (out.size() - 1)))
            return out + "…\"";
        if (text.empty())
            return out + '"';
        const bool is_special = text.front() == '"' || text.front() == '\\';
        const std::string shown = (is_special ? "\\" : "") + next_shown(text).text;
        if (out.size() - 1 + shown.size() > limit)
            return out + "…\"";
        out += shown;
    }
}

} // namespace jabberd::host
