// SPDX-License-Identifier: LGPL-2.1-or-later
// What becomes of a log record: a line for programs, a line that tells of no person, a line that came too often.
#include "base/utf8.h"
#include "host/log/json_line.h"
#include "host/log/privacy.h"
#include "host/log/repeats.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <json-glib/json-glib.h>

#include <memory>
#include <vector>

namespace jabberd::host::log {
namespace {

using testing::EndsWith;
using testing::IsEmpty;

constexpr std::string_view noon = "2026-12-01T12:00:00.123Z";

std::string json_of(std::string_view message, std::span<const LineField> fields = {})
{
    return to_json({noon, JABBERD_LOG_INFO, "c2s", message, fields});
}

// As another program reads it.
class ParsedLine {
public:
    explicit ParsedLine(const std::string &line) : parser_(json_parser_new())
    {
        EXPECT_THAT(line, EndsWith("}\n"));
        EXPECT_TRUE(is_utf8(line));
        EXPECT_TRUE(json_parser_load_from_data(parser_, line.data(), static_cast<gssize>(line.size()), nullptr))
            << line;
    }
    ~ParsedLine() { g_object_unref(parser_); }
    ParsedLine(const ParsedLine &) = delete;
    ParsedLine &operator=(const ParsedLine &) = delete;

    JsonObject *object() const { return json_node_get_object(json_parser_get_root(parser_)); }
    std::string member(const char *name) const { return json_object_get_string_member(object(), name); }
    std::string field(const char *name) const
    {
        JsonObject *fields = json_object_get_object_member(object(), "fields");
        return json_object_get_string_member_with_default(fields, name, "(absent)");
    }

private:
    JsonParser *parser_;
};

TEST(JsonLine, HasAllOfARecord)
{
    const LineField fields[] = {{"CONNECTION", "12@c2s/1"}, {"EMPTY", ""}, {"REASON", "it \"said\" so"}};
    EXPECT_EQ(json_of("hello", fields),
              "{\"time\":\"2026-12-01T12:00:00.123Z\",\"level\":\"info\",\"service\":\"c2s\",\"message\":\"hello\","
              "\"fields\":{\"connection\":\"12@c2s/1\",\"reason\":\"it \\\"said\\\" so\"}}\n");
    EXPECT_THAT(json_of("alone"), EndsWith("\"message\":\"alone\",\"fields\":{}}\n"));
}

TEST(JsonLine, IsWhatWasSaidForItsReaderAndHarmlessOnATerminal)
{
    const std::string said = "tab\t, line\n, \033[31m red, \u202e over, \U000E0001 tag, back\\slash, мир";
    const std::string line = json_of(said);
    EXPECT_EQ(ParsedLine{line}.member("message"), said);
    EXPECT_EQ(line.find('\n'), line.size() - 1);
    EXPECT_EQ(line.find('\033'), std::string::npos);
    EXPECT_EQ(line.find("\u202e"), std::string::npos);
}

TEST(JsonLine, WritesOutBytesThatAreNoCharacters)
{
    const LineField fields[] = {{"VALUE", "\xE2\x82"}};
    const std::string line = json_of(std::string_view{"a\0b\xff\xC0\xAF", 6}, fields);
    EXPECT_EQ(ParsedLine{line}.member("message"), "a\\x00b\\xff\\xc0\\xaf");
    EXPECT_EQ(ParsedLine{line}.field("value"), "\\xe2\\x82");
}

TEST(JsonLine, IsNeverLongerThanALineForPeople)
{
    const std::string quotes(5000, '"'), escapes(5000, '\001'), letters(5000, 'x');
    for (const std::string &text : {quotes, escapes, letters}) {
        std::vector<LineField> fields(20, LineField{"NAME", text});
        fields.push_back({"LAST", text});
        const std::string line = json_of(text, fields);
        EXPECT_LE(line.size(), max_line);
        EXPECT_THAT(ParsedLine{line}.member("message"), EndsWith("…"));
        EXPECT_THAT(ParsedLine{line}.field("last"), EndsWith("…")) << "every field is named";
    }
}

TEST(JsonLine, SaysThatFieldsAreLeftOut)
{
    const std::vector<LineField> fields(500, LineField{"A_NAME", "a value"});
    const std::string line = json_of("many", fields);
    EXPECT_LE(line.size(), max_line);
    EXPECT_TRUE(json_object_get_boolean_member(ParsedLine{line}.object(), "cut"));
    EXPECT_FALSE(json_object_has_member(ParsedLine{json_of("few")}.object(), "cut"));
}

TEST(Privacy, LeavesTheNetworkOfAnAddress)
{
    EXPECT_EQ(hide_people("192.0.2.77"), "192.0.2.0");
    EXPECT_EQ(hide_people("192.0.2.77:5222 and [192.0.2.78], from:192.0.2.79."),
              "192.0.2.0:5222 and [192.0.2.0], from:192.0.2.0.");
    EXPECT_EQ(hide_people("2001:db8:1:2::3"), "2001:db8:1::");
    EXPECT_EQ(hide_people("[2001:db8:1:2::3]:5222 closed 2001:db8:1:ffff:1:2:3:4: gone"),
              "[2001:db8:1::]:5222 closed 2001:db8:1::: gone");
    EXPECT_EQ(hide_people("fe80::1%eth0 ::ffff:192.0.2.77"), "fe80::%eth0 ::ffff:192.0.2.0");
}

TEST(Privacy, LeavesTheDomainOfAUser)
{
    EXPECT_EQ(hide_people("alice@foo.com/home"), "…@foo.com/home");
    EXPECT_EQ(hide_people("'жук@foo.com' wrote <to='a.b+c@192.0.2.7'>"), "'…@foo.com' wrote <to='…@192.0.2.0'>");
    EXPECT_EQ(hide_people("@ and a @ and @@"), "@ and a @ and @@");
}

TEST(Privacy, ChangesNothingElse)
{
    for (const std::string_view text :
         {"", "13:08:53.123", "jabber.xml:12: under a :: of 3.14", "10.0.0.256 1.2.3 1.2.3.4.5 v1.2.3.4", "dead:beef",
          "a session manager sent 100 packets", "de:ad:be:ef:00:01", "sha1 da39a3ee5e6b"})
        EXPECT_EQ(hide_people(text), text);
}

TEST(Privacy, KnowsWhatAFieldIs)
{
    EXPECT_EQ(hide_people("USER", "alice"), "…");
    EXPECT_EQ(hide_people("USER", "alice@foo.com"), "…@foo.com");
    EXPECT_EQ(hide_people("SESSION", "alice@foo.com/home"), "…@foo.com/home");
    EXPECT_EQ(hide_people("CLIENT", "192.0.2.77:40000"), "192.0.2.0:40000");
    EXPECT_EQ(hide_people("CONNECTION", "12@c2s/1"), "12@c2s/1") << "of no person";
}

class Flood : public testing::Test {
protected:
    // How many of these records are written.
    unsigned written(std::string_view message, unsigned times, jabberd_log_level level = JABBERD_LOG_WARNING,
                     std::string_view service = "c2s")
    {
        unsigned count = 0;
        for (unsigned i = 0; i < times; ++i)
            count += repeats_.admit(level, service, message, now_) ? 1 : 0;
        return count;
    }

    Repeats repeats_;
    Repeats::Time now_{std::chrono::hours{1}};
};

TEST_F(Flood, IsCutToSixtyAMinuteAndCounted)
{
    EXPECT_EQ(written("the session manager sent nonsense, ignoring", 100), Repeats::max_a_minute);
    now_ += std::chrono::seconds{59};
    EXPECT_THAT(repeats_.due(now_), IsEmpty());
    EXPECT_EQ(written("the session manager sent nonsense, ignoring", 100), 0u);
    now_ += std::chrono::seconds{1};
    const auto all = repeats_.due(now_);
    ASSERT_EQ(all.size(), 1u);
    EXPECT_EQ(all[0].level, JABBERD_LOG_WARNING);
    EXPECT_EQ(all[0].service, "c2s");
    EXPECT_EQ(all[0].message,
              "140 more like this in a minute were left out: the session manager sent nonsense, ignoring");
    EXPECT_THAT(repeats_.due(now_), IsEmpty()) << "it is said once";
    EXPECT_EQ(written("the session manager sent nonsense, ignoring", 100), Repeats::max_a_minute);
}

TEST_F(Flood, IsOfOneKindWhateverItsNumbersAndNames)
{
    unsigned count = 0;
    for (unsigned i = 0; i < 200; ++i)
        count += written("it isn't for '" + std::string(i, 'x') + "', packet " + std::to_string(i) + " of \"" +
                             std::string(i, '\'') + "\"",
                         1);
    EXPECT_EQ(count, Repeats::max_a_minute);
}

TEST_F(Flood, HidesNothingOfAnotherKind)
{
    EXPECT_EQ(written("one", 100), Repeats::max_a_minute);
    EXPECT_EQ(written("two", 1), 1u);
    EXPECT_EQ(written("one", 1, JABBERD_LOG_ERROR), 1u);
    EXPECT_EQ(written("one", 1, JABBERD_LOG_WARNING, "sessions"), 1u);
}

TEST_F(Flood, OfManyKindsTakesBoundedMemoryAndIsWritten)
{
    const auto kind = [](unsigned number) { return std::string(number + 1, 'x'); };
    for (unsigned i = 0; i < Repeats::max_kinds + 10; ++i)
        EXPECT_EQ(written(kind(i), 1), 1u);
    EXPECT_EQ(written(kind(Repeats::max_kinds), 100), 100u) << "no room to count it";
    EXPECT_EQ(written(kind(0), 100), Repeats::max_a_minute - 1);
    now_ += std::chrono::minutes{1};
    EXPECT_EQ(repeats_.due(now_).size(), 1u);
    EXPECT_EQ(written(kind(Repeats::max_kinds), 100), Repeats::max_a_minute);
}

} // namespace
} // namespace jabberd::host::log
