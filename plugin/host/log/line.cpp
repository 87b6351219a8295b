// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/log/line.h"

#include "host/text/printable.h"

#include <glib.h>

namespace jabberd::host::log {

namespace {

constexpr std::size_t max_message = 2000; // a configuration mistake with two paths in it is still whole
constexpr std::size_t max_value = 200;

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

void append_fields(std::string &out, std::span<const LineField> fields, bool colour)
{
    for (const LineField &field : fields) {
        if (field.value.empty())
            continue;
        g_autofree char *name = g_ascii_strdown(field.name.data(), static_cast<gssize>(field.name.size()));
        append_coloured(out, std::string{" "} + name + "=", dim, colour);
        out += quoted(field.value, max_value);
    }
}

} // namespace

std::string to_text(std::string_view message, std::span<const LineField> fields)
{
    std::string out;
    append_printable(out, cut(message, max_message));
    append_fields(out, fields, false);
    return out;
}

std::string to_text(const Line &line, bool colour)
{
    const LevelStyle level = style(line.level);
    const std::string message = to_text(line.message, {});
    std::string out;
    if (line.time.empty()) {
        append_coloured(out, message, level.colour, colour);
        return out + '\n';
    }
    append_coloured(out, line.time, dim, colour);
    out += ' ';
    append_coloured(out, level.name, level.colour, colour);
    out += ' ';
    append_printable(out, line.service);
    out += ": ";
    out += message;
    append_fields(out, line.fields, colour);
    return out + '\n';
}

} // namespace jabberd::host::log
