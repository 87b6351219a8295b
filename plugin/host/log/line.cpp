// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/log/line.h"

#include "host/text/printable.h"

#include <glib.h>

#include <climits>

namespace jabberd::host::log {

namespace {

constexpr std::size_t max_message = 2000; // a configuration mistake with two paths in it is still whole
constexpr std::size_t max_service = 200;
constexpr std::size_t max_name = 64;
constexpr std::size_t max_values[] = {200, 100, 50, 20}; // the first that all fields have room with

constexpr std::string_view ellipsis = "…";

static_assert(max_line <= PIPE_BUF);

constexpr std::string_view reset = "\033[0m";
constexpr std::string_view dim = "\033[2m";

struct LevelStyle {
    std::string_view name;
    std::string_view colour;
};

LevelStyle style(jabberd_log_level level)
{
    switch (level) {
    case JABBERD_LOG_ERROR: return {"error", "\033[1;31m"};
    case JABBERD_LOG_WARNING: return {"warning", "\033[33m"};
    case JABBERD_LOG_NOTICE: return {"notice", "\033[1m"};
    case JABBERD_LOG_INFO: return {"info", ""};
    case JABBERD_LOG_DEBUG: return {"debug", dim};
    }
    return {"error", ""};
}

// `text` has to be printable already.
void append_coloured(std::string &out, std::string_view text, std::string_view colour, bool wanted)
{
    const bool coloured = wanted && !colour.empty();
    if (coloured)
        out += colour;
    out += text;
    if (coloured)
        out += reset;
}

void append_cut(std::string &out, std::string_view text, std::size_t limit)
{
    if (!append_printable(out, text, limit))
        out += ellipsis;
}

std::string shown(const LineField &field, std::size_t max_value, bool colour)
{
    std::string name = " ";
    append_cut(name, field.name, max_name);
    g_autofree char *lower = g_ascii_strdown(name.c_str(), -1);
    std::string out;
    append_coloured(out, std::string{lower} + "=", dim, colour);
    return out + quoted(field.value, max_value);
}

std::string shown(std::span<const LineField> fields, std::size_t max_value, bool colour)
{
    std::string out;
    for (const LineField &field : fields) {
        if (!field.value.empty())
            out += shown(field, max_value, colour);
    }
    return out;
}

// At most `room` bytes. Only where there is none for twenty bytes of each are the last ones left out.
void append_fields(std::string &out, std::span<const LineField> fields, bool colour, std::size_t room)
{
    for (const std::size_t max_value : max_values) {
        if (const std::string all = shown(fields, max_value, colour); all.size() <= room) {
            out += all;
            return;
        }
    }
    const std::size_t end = out.size() + room - ellipsis.size() - 1;
    for (const LineField &field : fields) {
        const std::string one = field.value.empty() ? "" : shown(field, std::end(max_values)[-1], colour);
        if (out.size() + one.size() > end)
            break;
        out += one;
    }
    (out += ' ') += ellipsis;
}

} // namespace

std::string_view level_name(jabberd_log_level level)
{
    return style(level).name;
}

std::string to_text(std::string_view message, std::span<const LineField> fields)
{
    std::string out;
    append_cut(out, message, max_message);
    append_fields(out, fields, false, max_line - out.size() - 1);
    return out;
}

std::string to_text(const Line &line, bool colour)
{
    const LevelStyle level = style(line.level);
    std::string out;
    if (line.time.empty()) {
        std::string message;
        append_cut(message, line.message, max_line - level.colour.size() - reset.size() - ellipsis.size() - 1);
        append_coloured(out, message, level.colour, colour);
        return out + '\n';
    }
    append_coloured(out, line.time, dim, colour);
    out += ' ';
    append_coloured(out, level.name, level.colour, colour);
    out += ' ';
    append_cut(out, line.service, max_service);
    out += ": ";
    append_cut(out, line.message, max_message);
    append_fields(out, line.fields, colour, max_line - out.size() - 1);
    return out + '\n';
}

} // namespace jabberd::host::log
