// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/log/json_line.h"

#include "host/text/json_string.h"

#include <glib.h>

#include <iterator>

namespace jabberd::host::log {

namespace {

constexpr std::size_t longest_json_message = 2000;
constexpr std::size_t longest_json_service = 200;
constexpr std::size_t longest_json_name = 64;
constexpr std::size_t longest_json_values[] = {200, 100, 50, 20}; // the first that all fields have room with

constexpr std::string_view json_end = "}}\n";
constexpr std::string_view json_end_of_some = "},\"cut\":true}\n";

void append_member(std::string &out, std::string_view name, std::string_view value, std::size_t max_value)
{
    g_autofree char *lower = g_ascii_strdown(name.data(), static_cast<gssize>(name.size()));
    if (!out.empty() && out.back() != '{')
        out += ',';
    out += json_string(lower, longest_json_name);
    out += ':';
    out += json_string(value, max_value);
}

// As many as have room in `room` bytes.
std::string json_members(std::span<const LineField> fields, std::size_t max_value, std::size_t room, bool &all)
{
    std::string out;
    all = true;
    for (const LineField &field : fields) {
        if (field.value.empty())
            continue;
        const std::size_t before = out.size();
        append_member(out, field.name, field.value, max_value);
        if (out.size() > room) {
            out.resize(before);
            all = false;
            break;
        }
    }
    return out;
}

} // namespace

std::string to_json(const Line &line)
{
    std::string out = "{";
    append_member(out, "time", line.time, longest_json_name);
    append_member(out, "level", level_name(line.level), longest_json_name);
    append_member(out, "service", line.service, longest_json_service);
    append_member(out, "message", line.message, longest_json_message);
    out += ",\"fields\":{";
    const std::size_t room = max_line - out.size() - json_end_of_some.size();
    std::string members;
    bool all = false;
    for (const std::size_t max_value : longest_json_values) {
        members = json_members(line.fields, max_value, room, all);
        if (all)
            break;
    }
    (out += members) += all ? json_end : json_end_of_some;
    return out;
}

} // namespace jabberd::host::log
