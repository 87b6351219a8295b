// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fuzz/log_lines.h"

#include "base/utf8.h"
#include "host/log/json_line.h"
#include "host/log/privacy.h"

#include <json-glib/json-glib.h>

#include <algorithm>
#include <iterator>
#include <vector>

namespace jabberd::fuzz {

namespace {

constexpr std::string_view log_ellipsis = "…";

Failure compared(JsonObject *object, const char *member, std::string_view text)
{
    const std::string_view read = json_object_get_string_member_with_default(object, member, "(absent)");
    if (!is_utf8(text) || read.ends_with(log_ellipsis) || read == text)
        return std::nullopt;
    return std::string{member} + " is read as " + std::string{read};
}

} // namespace

Failure is_one_line_of_json(std::string_view text)
{
    const std::vector<host::log::LineField> fields{{"FIRST", text}, {"SECOND", text}};
    const std::string line =
        host::log::to_json({"2026-12-01T12:00:00.123Z", JABBERD_LOG_INFO, "service", text, fields});
    if (line.size() > host::log::max_line || line.find('\n') != line.size() - 1)
        return "no line: " + line;
    if (!is_utf8(line) || std::any_of(line.begin(), line.end() - 1, [](unsigned char c) { return c < ' '; }))
        return "not UTF-8, or not harmless: " + line;
    g_autoptr(JsonParser) parser = json_parser_new();
    if (!json_parser_load_from_data(parser, line.data(), static_cast<gssize>(line.size()), nullptr))
        return "not JSON: " + line;
    JsonObject *object = json_node_get_object(json_parser_get_root(parser));
    if (auto failure = compared(object, "message", text))
        return failure;
    if (text.empty())
        return std::nullopt;
    return compared(json_object_get_object_member(object, "fields"), "second", text);
}

Failure tells_of_no_person(std::string_view text)
{
    const std::string of_both =
        std::string{text} + " 192.0.2.77:5222 hidden@foo.com [2001:db8:1:2::77] " + std::string{text};
    const std::string once = host::log::hide_people(of_both);
    if (once.find(" 192.0.2.0:5222 …@foo.com [2001:db8:1::] ") == std::string::npos)
        return "not hidden: " + once;
    if (const std::string twice = host::log::hide_people(once); twice != once)
        return "hidden again: " + once + ", then " + twice;
    if (is_utf8(text) && !is_utf8(once))
        return "no longer UTF-8: " + once;
    return std::nullopt;
}

std::string some_log_text(Random &random)
{
    static constexpr std::string_view pieces[] = {"alice@foo.com",
                                                  "@",
                                                  ":",
                                                  "::",
                                                  ".",
                                                  "192.0.2.1",
                                                  "2001:db8::1",
                                                  "[",
                                                  "]",
                                                  " ",
                                                  "'",
                                                  "\"",
                                                  "\\",
                                                  "\n",
                                                  "\x1B",
                                                  "\x7F",
                                                  "\xFF",
                                                  "\xC3",
                                                  "é",
                                                  "…",
                                                  "\0",
                                                  "\u202e",
                                                  "1",
                                                  "ff",
                                                  "::ffff:",
                                                  "/",
                                                  "x"};
    std::string text;
    for (auto count = random() % 20; count > 0; --count) {
        const std::string_view piece = pieces[random() % std::size(pieces)];
        text += piece.empty() ? std::string_view{"\0", 1} : piece;
    }
    return random() % 10 == 0 ? text + std::string(random() % 5000, text.empty() ? 'x' : text.back()) : text;
}

} // namespace jabberd::fuzz
