// SPDX-License-Identifier: LGPL-2.1-or-later
// A stream is UTF-8: strictly, whatever it declares and whatever it begins with.
#include "base/utf8.h"
#include "support/heard.h"

#include <gtest/gtest.h>

#include <array>

namespace jabberd::test {
namespace {

using xml::Fault;

// By the name of the mistake.
constexpr std::pair<const char *, std::string_view> bad_utf8[] = {
    {"continuation alone", "\x80"},
    {"overlong in two bytes", "\xC0\xBC"},
    {"overlong letter in two bytes", "\xC1\xA1"},
    {"overlong in three bytes", "\xE0\x80\xBC"},
    {"overlong in four bytes", "\xF0\x80\x80\xBC"},
    {"surrogate", "\xED\xA0\x80"},
    {"surrogate pair", "\xED\xA0\xBD\xED\xB8\x80"},
    {"beyond Unicode", "\xF4\x90\x80\x80"},
    {"five bytes", "\xF8\x88\x80\x80\x80"},
    {"cut short", "\xE2\x82"},
    {"cut short by a bracket", "\xEB<"},
    {"FE", "\xFE"},
    {"FF", "\xFF"},
    {"Latin-1", "caf\xE9 "},
};

TEST(Encoding, BadUtf8EndsTheStreamWhereverItIs)
{
    for (const auto &[mistake, bytes] : bad_utf8) {
        const std::string bad{bytes};
        for (const std::string &stanza :
             {"<message><body>" + bad + "</body></message>", "<message><body><![CDATA[" + bad + "]]></body></message>",
              "<message to='" + bad + "'/>", "<message><a" + bad + "/></message>", "<message a" + bad + "='1'/>",
              "<message xmlns:x='" + bad + "'/>"})
            EXPECT_EQ(hear(stanza + "<iq/>"), (Heard{{}, Fault::NotWellFormed}))
                << mistake << " in " << testing::PrintToString(stanza);
        EXPECT_NE(hear(bad + "<iq/>").fault, Fault::None) << mistake << " between stanzas";
    }
}

TEST(Encoding, GoodUtf8PassesAsItIs)
{
    const std::string text = "\xC2\x80 \xC3\xA9 \xDF\xBF \xE0\xA0\x80 \xE2\x82\xAC \xED\x9F\xBF \xEE\x80\x80 "
                             "\xEF\xBF\xBD \xF0\x90\x80\x80 \xF0\x9F\x98\x80 \xF4\x8F\xBF\xBD";
    const std::string stanza = "<message id='" + text + "'><body>" + text + "</body></message>";
    for (const std::size_t chunk : std::initializer_list<std::size_t>{1, 2, 3, 5, 1000})
        EXPECT_EQ(hear(stanza, {.limits = roomy}, chunk), Heard{{stanza}});
}

TEST(Encoding, RefusesNoncharactersThatXmlForbids)
{
    EXPECT_NE(hear("<message>\xEF\xBF\xBE</message>").fault, Fault::None);
    EXPECT_NE(hear("<message id='\xEF\xBF\xBF'/>").fault, Fault::None);
}

TEST(Encoding, NulEndsTheStreamWhereItStands)
{
    using namespace std::string_view_literals;
    EXPECT_EQ(hear("<message/>\0<iq/>"sv), (Heard{{"<message/>"}, Fault::NotWellFormed}));
    EXPECT_EQ(hear("<message id='\0'/>"sv), (Heard{{}, Fault::NotWellFormed}));
    EXPECT_EQ(hear("<message/>\0"sv, {.limits = roomy}, 1), (Heard{{"<message/>"}, Fault::NotWellFormed}));
}

TEST(Encoding, AByteOrderMarkOfUtf8MayBeginAStream)
{
    const Heard heard = hear_stream(std::string{"\xEF\xBB\xBF"}.append(usual_header).append("<message/>"));
    EXPECT_EQ(heard.events.size(), 2u) << heard;
    EXPECT_EQ(heard.fault, Fault::None);
}

TEST(Encoding, OtherEncodingsAreNotGuessed)
{
    std::string utf16_le = "\xFF\xFE", utf16_be = "\xFE\xFF", utf16_plain;
    for (const char c : usual_header) {
        utf16_le.append({c, '\0'});
        utf16_be.append({'\0', c});
        utf16_plain.append({c, '\0'});
    }
    for (const std::string &bytes : {utf16_le, utf16_be, utf16_plain})
        EXPECT_EQ(hear_stream(bytes), (Heard{{}, Fault::NotWellFormed}));
    // "<?xm" in EBCDIC. libxml2 would go on in it, and so would everybody its parser is lent to.
    EXPECT_EQ(hear_stream("\x4C\x6F\xA7\x94\x93\x40"), (Heard{{}, Fault::NotWellFormed}));
}

TEST(Encoding, ADeclarationMayNameUtf8Only)
{
    // Nor is the other's converter called: there are a hundred of them in the C library, and one that fails would print
    // to stderr.
    testing::internal::CaptureStderr();
    const auto declares = [](const std::string &encoding) {
        return "<?xml version='1.0' encoding='" + encoding + "'?>" + std::string{usual_header};
    };
    for (const char *utf8 : {"UTF-8", "utf-8", "Utf-8"})
        EXPECT_EQ(hear_stream(declares(utf8)).fault, Fault::None) << utf8;
    for (const char *other : {"ISO-8859-1", "US-ASCII", "windows-1252", "UTF-16", "UTF-7", "UCS-4", "EBCDIC-US",
                              "ISO-2022-JP", "HTML", "no-such-thing", ""}) {
        const Heard heard = hear_stream(declares(other));
        EXPECT_TRUE(heard.events.empty()) << other << ' ' << heard;
        EXPECT_EQ(heard.fault, *other == '\0' ? Fault::NotWellFormed : Fault::UnsupportedEncoding) << other;
        for (const char *quoting : {"\"", "'"})
            EXPECT_NE(hear_stream(std::string{"<?xml version=\"1.0\"\n encoding = "} + quoting + other + quoting +
                                  " standalone='yes' ?>" + std::string{usual_header})
                          .fault,
                      Fault::None)
                << other;
    }
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST(Utf8, SaysWhereItEnds)
{
    for (const auto &[mistake, bytes] : bad_utf8) {
        const std::string text = "0123456789 \xC3\xA9" + std::string{bytes} + "<tail";
        std::array<std::size_t, 2> ends{};
        ends[0] = Utf8{}.accept(text);
        Utf8 byte_by_byte;
        while (ends[1] < text.size() && byte_by_byte.accept(text.substr(ends[1], 1)) == 1)
            ++ends[1];
        EXPECT_LT(ends[0], text.size() - 4) << mistake;
        EXPECT_EQ(ends[0], ends[1]) << mistake;
    }
}

} // namespace
} // namespace jabberd::test
