// SPDX-License-Identifier: LGPL-2.1-or-later
// What libxml2 would wait for the end of, byte by byte: refused at the first byte that nothing can make right.
#include "support/heard.h"
#include "xml/parser_pool.h"

#include <gtest/gtest.h>

#include <utility>

namespace jabberd::test {
namespace {

using xml::Fault;

// What the last byte brings, when no byte before it has brought anything.
Fault at_last_byte(xml::Parser &parser, std::string_view bytes)
{
    const std::string_view all_but_one = bytes.substr(0, bytes.size() - 1);
    const Fault before = hear_from(parser, all_but_one, {.limits = roomy}, 1).fault;
    EXPECT_EQ(before, Fault::None) << all_but_one;
    return hear_from(parser, bytes.substr(all_but_one.size())).fault;
}

Fault at_last_byte_of_body(const std::string &text)
{
    xml::Parser parser{xml::usual_primer};
    return at_last_byte(parser, "<message><body>" + text);
}

Fault at_last_byte_between(const std::string &text)
{
    xml::Parser parser{xml::usual_primer};
    return at_last_byte(parser, "<message/>" + text);
}

Fault at_last_byte_of_stream(const std::string &text)
{
    xml::Parser parser;
    return at_last_byte(parser, text);
}

TEST(HeldBack, RefusesAnAmpersandThatIsNoReference)
{
    for (const char *text :
         {"AT&T", "&f", "&x", "&ltx", "&amx", "&quox", "&apt", "&gtt", "&A", "&:", "&am;", "&\xC3\xA9"})
        EXPECT_EQ(at_last_byte_of_body(text), Fault::RestrictedXml) << text;
    for (const char *text : {"a & ", "&<", "&&", "&;", "&1", "&.", "&am<", "&am ", "&amp ", "&amp<", "&amp&"})
        EXPECT_EQ(at_last_byte_of_body(text), Fault::NotWellFormed) << text;
}

TEST(HeldBack, RefusesAReferenceToNoCharacter)
{
    for (const char *text : {"&#;", "&#a", "&#-", "&#X", "&#x;", "&#xg", "&#x41g", "&#65a", "&#0;", "&#x1;", "&#xD800;",
                             "&#xFFFE;", "&#x110000", "&#1114112", "&#x0000000110000", "&#6 ", "&#6<"})
        EXPECT_EQ(at_last_byte_of_body(text), Fault::NotWellFormed) << text;
}

TEST(HeldBack, WaitsForAReferenceThatMayBecomeOne)
{
    for (const char *text : {"&", "&a", "&am", "&amp", "&ap", "&apos", "&l", "&lt", "&g", "&gt", "&q", "&quo", "&#",
                             "&#x", "&#1", "&#x10FFF", "&#00000000000000000065", "&lt;&", "]]&gt"}) {
        EXPECT_EQ(at_last_byte_of_body(text), Fault::None) << text;
        EXPECT_EQ(at_last_byte_of_body("</body><x y='" + std::string{text}), Fault::None) << text;
    }
}

TEST(HeldBack, RefusesAReferenceInAnAttributeAlike)
{
    EXPECT_EQ(at_last_byte_between("<message to='AT&T"), Fault::RestrictedXml);
    EXPECT_EQ(at_last_byte_between("<message to='a&'"), Fault::NotWellFormed);
    EXPECT_EQ(at_last_byte_between("<message to='a&#xg"), Fault::NotWellFormed);
    EXPECT_EQ(at_last_byte_of_stream("<stream:stream to='AT&T"), Fault::RestrictedXml);
}

TEST(HeldBack, RefusesAMarkupDeclaration)
{
    for (const char *text : {"<!-", "<!D", "<?"})
        EXPECT_EQ(at_last_byte_of_body(text), Fault::RestrictedXml) << text;
    for (const char *text : {"<!X", "<! ", "<!c", "<![x", "<![c", "<![CDATA "})
        EXPECT_EQ(at_last_byte_of_body(text), Fault::NotWellFormed) << text;
    for (const char *text : {"<!", "<?"}) {
        EXPECT_EQ(at_last_byte_between(text), Fault::RestrictedXml) << text;
        EXPECT_EQ(at_last_byte_of_stream(std::string{"<?xml version='1.0'?>"} + text), Fault::RestrictedXml) << text;
    }
    EXPECT_EQ(at_last_byte_of_stream("<!"), Fault::RestrictedXml);
    EXPECT_EQ(at_last_byte_of_stream(" <?"), Fault::RestrictedXml);
}

TEST(HeldBack, RefusesATagThatIsNone)
{
    for (const char *text : {"<1",
                             "< ",
                             "<<",
                             "<&",
                             "<>",
                             "<-",
                             "<.",
                             "<=",
                             "<'",
                             "<a<",
                             "<a,",
                             "<a=",
                             "<a b>",
                             "<a b/",
                             "<a =",
                             "<a '",
                             "<a b c",
                             "<a b=c",
                             "<a b= c",
                             "<a b='<",
                             "<a b='c'd",
                             "<a b='c'=",
                             "<a / ",
                             "<a/a",
                             "<a//",
                             "<a b='c'/ ",
                             "<a b='c' b=",
                             "<a b='c' d='e' b ",
                             "<a:=",
                             "<a: ",
                             "<a::",
                             "<:",
                             "<a:b:",
                             "<a b:=",
                             "<a :",
                             "<\xCC\x80",
                             "<a\xC3\x97",
                             "<a b='\x01",
                             "<a b='\xEF\xBF\xBE"}) {
        EXPECT_EQ(at_last_byte_of_body(text), Fault::NotWellFormed) << text;
        EXPECT_EQ(at_last_byte_between(text), Fault::NotWellFormed) << text;
        EXPECT_EQ(at_last_byte_of_stream(text), Fault::NotWellFormed) << text;
    }
}

TEST(HeldBack, WaitsForATagThatMayBecomeOne)
{
    for (const char *text : {"<",          "<a",        "<a:",        "<a:b",       "<a ",        "<a\n",
                             "<a b",       "<a b ",     "<a b =",     "<a b = ",    "<a b='",     "<a b='>",
                             "<a b='\"/>", "<a b=\"'",  "<a b='c'",   "<a b='c' ",  "<a b='c'/",  "<a x:b='c' y:b='",
                             "<\xC3",      "<\xC3\xA9", "<a\xCC\x80", "<a b='\xEB", "<a b='&#60;"}) {
        EXPECT_EQ(at_last_byte_of_body(text), Fault::None) << text;
        EXPECT_EQ(at_last_byte_between(text), Fault::None) << text;
        EXPECT_EQ(at_last_byte_of_stream(text), Fault::None) << text;
    }
}

TEST(HeldBack, RefusesAnEndTagThatEndsNothing)
{
    for (const char *text :
         {"</ ", "</1", "</x", "</bodx", "</body2", "</body:", "</:", "</body x", "</body /", "</>", "</bo>", "</m"})
        EXPECT_EQ(at_last_byte_of_body(text), Fault::NotWellFormed) << text;
    EXPECT_EQ(at_last_byte_between("</stream:streax"), Fault::NotWellFormed);
    EXPECT_EQ(at_last_byte_between("</m"), Fault::NotWellFormed);
    EXPECT_EQ(at_last_byte_of_stream("</"), Fault::NotWellFormed);
    EXPECT_EQ(at_last_byte_of_body("<x:a xmlns:x='urn:x'></a"), Fault::NotWellFormed);
    EXPECT_EQ(at_last_byte_of_body("<\xC3\xA9></\xC3\xA8"), Fault::NotWellFormed);
    for (const char *text : {"</", "</b", "</body", "</body ", "<x:a xmlns:x='urn:x'></x:a", "<\xC3\xA9></\xC3"})
        EXPECT_EQ(at_last_byte_of_body(text), Fault::None) << text;
    EXPECT_EQ(at_last_byte_between("</stream:stream"), Fault::None);
}

TEST(HeldBack, RefusesCharactersThatAreNone)
{
    for (const char *text : {"\x01", "a\x1F", "]]>", "a]]>", "\xEF\xBF\xBF", "<![CDATA[\x02", "<![CDATA[a]]\x02"})
        EXPECT_EQ(at_last_byte_of_body(text), Fault::NotWellFormed) << text;
    for (const char *text :
         {"]]", "]>", "]] >", "\t", "\r", "\x7F", "\xEF\xBF\xBD", "<![CDATA[", "<![CDATA[<&>", "<![CDATA[]]"})
        EXPECT_EQ(at_last_byte_of_body(text), Fault::None) << text;
}

TEST(HeldBack, RefusesWhatBeginsNoStream)
{
    for (const char *text : {"x", "\x01", "&", ">", " x", "\xC3",
                             "\xEF\xBB\xBF"
                             "x",
                             "<?xml version='1.0'?>x"})
        EXPECT_EQ(at_last_byte_of_stream(text), Fault::NotWellFormed) << text;
    for (const char *text : {"<?a", "<?xm?", "<?xml?", "<?xmlx", "<?X"})
        EXPECT_EQ(at_last_byte_of_stream(text), Fault::RestrictedXml) << text;
    for (const char *text :
         {"<?xml a", "<?xml e", "<?xml ?", "<?xml version ?", "<?xml version=1", "<?xml version='2",
          "<?xml version='1.1", "<?xml version='1'", "<?xml version='1.0' v", "<?xml version='1.0'e",
          "<?xml version='1.0'>", "<?xml version='1.0' standalone='a", "<?xml version='1.0' standalone='Y",
          "<?xml version='1.0' standalone='yes' e", "<?xml version='1.0' encoding=''", "<?xml version='1.0' ?x"})
        EXPECT_EQ(at_last_byte_of_stream(text), Fault::NotWellFormed) << text;
    for (const char *text : {"<?xml version='1.0' encoding='I", "<?xml version='1.0' encoding='UTF8",
                             "<?xml version='1.0' encoding='UTF-1", "<?xml version='1.0' encoding='UTF-8x",
                             "<?xml version='1.0' encoding='UTF'"})
        EXPECT_EQ(at_last_byte_of_stream(text), Fault::UnsupportedEncoding) << text;
    for (const char *text :
         {"<?xml", "<?xml\n", "<?xml version = \"1.0", "<?xml version='1.0' encoding='utf-8' standalone='no' ?",
          "\xEF\xBB\xBF<?xml ", "<?xml version='1.0' standalone='y"})
        EXPECT_EQ(at_last_byte_of_stream(text), Fault::None) << text;
}

TEST(HeldBack, ReadsOnAfterAllThatWasHeldBack)
{
    // The byte at which each construct is complete, in chunks of every size.
    const std::string stanzas =
        "<message to='&lt;&#x41;\"/>'><body>AT&amp;T &#38; <![CDATA[<&]]> ]] ></body ></message>\r\n<iq/>";
    const Heard whole = hear(stanzas);
    EXPECT_EQ(whole.fault, Fault::None);
    EXPECT_EQ(whole.events.size(), 2u);
    for (std::size_t chunk = 1; chunk < stanzas.size(); ++chunk)
        EXPECT_EQ(hear(stanzas, {.limits = roomy}, chunk), whole) << chunk;
}

} // namespace
} // namespace jabberd::test
