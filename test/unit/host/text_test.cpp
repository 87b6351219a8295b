// SPDX-License-Identifier: LGPL-2.1-or-later
// What people read: log lines, tables, the output of jabberd-ctl.
#include "ctl/answer.h"
#include "ctl/views.h"
#include "host/log/line.h"
#include "host/text/printable.h"
#include "host/text/table.h"

#include <glib.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace jabberd::host {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string printable(std::string_view text)
{
    std::string out;
    append_printable(out, text);
    return out;
}

TEST(Printable, KeepsTextOfAllLanguages)
{
    EXPECT_EQ(printable("héllo мир 日本"), "héllo мир 日本");
}

TEST(Printable, WritesOutControlsOverridesAndBrokenBytes)
{
    EXPECT_EQ(printable("a\033[31m\n\x7f"), "a\\u{1b}[31m\\u{a}\\u{7f}");
    EXPECT_EQ(printable("\xE2\x80\xAE\xE2\x80\xA8\xEE\x80\x80"), "\\u{202e}\\u{2028}\\u{e000}");
    EXPECT_EQ(printable(std::string_view{"\0x\xff\xC0\xAF\xE2\x82", 7}), "\\x00x\\xff\\xc0\\xaf\\xe2\\x82");
}

TEST(Quoted, CutsAtACharacter)
{
    EXPECT_EQ(quoted("plain.word@host/x", 200), "plain.word@host/x");
    EXPECT_EQ(quoted("", 200), "\"\"");
    EXPECT_EQ(quoted("a \"b\" \\", 200), "\"a \\\"b\\\" \\\\\"");
    EXPECT_EQ(quoted("ééé", 3), "\"é…\"");
}

TEST(Quoted, CutsAtAnEscape)
{
    EXPECT_EQ(quoted("\"\"\"", 5), "\"\\\"\\\"…\"");
    EXPECT_EQ(quoted("\u0378\u0378", 13), "\"\\u{378}…\"");
    EXPECT_EQ(quoted("a\xff\xff", 8), "\"a\\xff…\"");
}

std::string many(std::string_view text, std::size_t times)
{
    std::string out;
    while (times-- > 0)
        out += text;
    return out;
}

// What takes most room written out: a character that no Unicode has assigned, and bytes that are none.
TEST(LogLine, HasALengthWhateverIsInIt)
{
    for (const std::string &text : {many("\u0378", 5000), many("\xff", 5000), many("\"", 5000), many("日", 5000)}) {
        const std::vector<log::LineField> fields(40, {text, text});
        for (const bool colour : {false, true}) {
            const std::string line = log::to_text({"13:08:53.123", JABBERD_LOG_ERROR, text, text, fields}, colour);
            EXPECT_LE(line.size(), log::max_line);
            EXPECT_TRUE(g_utf8_validate(line.c_str(), static_cast<gssize>(line.size()), nullptr));
            EXPECT_THAT(line, testing::EndsWith("…\n"));
            const std::string mistake = log::to_text({"", JABBERD_LOG_ERROR, "host", text, {}}, colour);
            EXPECT_LE(mistake.size(), log::max_line);
        }
        EXPECT_LT(log::to_text(text, fields).size(), log::max_line);
    }
}

TEST(LogLine, NamesEveryFieldWhereTheValuesAreLong)
{
    const std::string text = many("\u0378", 1000);
    const std::vector<log::LineField> fields{{"CONNECTION", text}, {"SESSION", text}, {"A", text}, {"B", text},
                                             {"C", text},          {"D", text},       {"E", text}, {"F", text},
                                             {"G", text},          {"H", text},       {"I", text}, {"REASON", text}};
    const std::string line = log::to_text({"13:08:53.123", JABBERD_LOG_INFO, "c2s", text, fields}, true);
    for (const log::LineField &field : fields) {
        g_autofree char *name = g_ascii_strdown(field.name.data(), -1);
        EXPECT_THAT(line, HasSubstr(std::string{name} + "=\033[0m\"\\u{378}"));
    }
    EXPECT_THAT(line, testing::EndsWith("…\"\n"));
}

TEST(LogLine, IsOneLineWhateverTheFieldsHold)
{
    const log::LineField fields[] = {{"SESSION", "alice@foo.com/r"}, {"REASON", "bad\n13:00:00 error host: forged"}};
    EXPECT_EQ(
        log::to_text({"13:08:53.123", JABBERD_LOG_INFO, "c2s", "closed", fields}, false),
        "13:08:53.123 info c2s: closed session=alice@foo.com/r reason=\"bad\\u{a}13:00:00 error host: forged\"\n");
}

TEST(LogLine, OfAConfigurationMistakeBeginsWithItsPlace)
{
    EXPECT_EQ(log::to_text({"", JABBERD_LOG_ERROR, "host", "jabber.xml:3: wrong; right", {}}, false),
              "jabber.xml:3: wrong; right\n");
}

TEST(Table, AlignsByCharacters)
{
    Table table{{"A", "B"}};
    table.add({"éé", "x"});
    table.add({"é", "\033y"});
    EXPECT_EQ(table.text(), "A   B\néé  x\né   \\u{1b}y\n");
}

std::string trace_line(const char *json, bool colour)
{
    const ctl::Answer answer = ctl::parse(json);
    return answer ? ctl::trace_view(json_node_get_object(answer.get()), colour) : "not JSON";
}

constexpr const char *traced =
    R"({"time":"2026-11-22T13:08:53.123456+00:00","from":"c2s","to":"","packet":"<message to='a' sto='foo.com' sfrom='7@c2s/1'><body> sto='x'</body></message>"})";

TEST(TraceView, IsPlainWithoutColour)
{
    EXPECT_EQ(
        trace_line(traced, false),
        "13:08:53.123 c2s → nobody <message to='a' sto='foo.com' sfrom='7@c2s/1'><body> sto='x'</body></message>\n");
}

TEST(TraceView, HighlightsTheSessionAttributesOfTheStartTagOnly)
{
    const std::string line = trace_line(traced, true);
    EXPECT_THAT(line,
                HasSubstr("\033[1;36msto='foo.com'\033[0m \033[1;35msfrom='7@c2s/1'\033[0m><body> sto='x'</body>"));
}

TEST(TraceView, TellsWhatWasLost)
{
    EXPECT_EQ(trace_line(R"({"lost":12})", false), "… 12 packets not shown, this terminal was too slow\n");
}

TEST(StatusView, ShowsServicesAndTheirDetails)
{
    const ctl::Answer answer = ctl::parse(
        R"({"host":{"version":"1","pid":7,"uptime_s":3700},"services":[{"id":"c2s","names":["c2s","*"],"component":"socket_manager","version":"2",)"
        R"("file":"/x.so","since":"now","packets_received":3,"packets_returned":1,"details":{"connections":"48\u001b12"}}]})");
    const std::string text = ctl::status_view(json_node_get_object(answer.get()));
    EXPECT_THAT(text, HasSubstr("jabberd-host 1, process 7, up 1:01:40, 1 service\n"));
    EXPECT_THAT(text, HasSubstr("c2s, *"));
    EXPECT_THAT(text, HasSubstr("connections  48\\u{1b}12"));
}

TEST(StatusView, SaysWhichServerASocketManagerIsIn)
{
    for (const auto &[host, title] :
         {std::pair{R"({"name":"jabberd 1.4","version":"2"})", "jabberd 1.4, socket manager 2,"},
          std::pair{R"({"name":"jabberd-host","version":"2"})", "jabberd-host 2,"}}) {
        const ctl::Answer answer = ctl::parse(R"({"host":)" + std::string{host} + R"(,"services":[]})");
        EXPECT_THAT(ctl::status_view(json_node_get_object(answer.get())), testing::StartsWith(title));
    }
}

TEST(Views, SurviveAnswersThatLackEverything)
{
    const ctl::Answer empty = ctl::parse("{}");
    EXPECT_THAT(ctl::status_view(json_node_get_object(empty.get())), HasSubstr("0 services"));
    EXPECT_THAT(ctl::sessions_view(json_node_get_object(empty.get())), HasSubstr("0 sessions"));
    EXPECT_EQ(ctl::parse("[]"), nullptr);
    EXPECT_EQ(ctl::parse("not json"), nullptr);
}

TEST(Views, WriteTimesAndSizesForPeople)
{
    EXPECT_EQ(ctl::duration(5), "5s");
    EXPECT_EQ(ctl::duration(3 * 86400 + 4 * 3600 + 5 * 60), "3d 04:05");
    EXPECT_THAT(ctl::size(1536 * 1024), Not(HasSubstr("bytes")));
}

} // namespace
} // namespace jabberd::host
