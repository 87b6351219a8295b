// SPDX-License-Identifier: LGPL-2.1-or-later
// Namespaces: every name means to the host what it means here, and costs no more.
#include "support/heard.h"

#include <gtest/gtest.h>

namespace jabberd::test {
namespace {

using xml::Fault;

TEST(Namespaces, AnUndeclaredPrefixEndsTheStream)
{
    for (const char *stanza :
         {"<x:message/>", "<message><x:a/></message>", "<message x:a='1'/>", "<message><a x:b='1'/></message>"})
        EXPECT_EQ(hear(stanza), (Heard{{}, Fault::BadNamespacePrefix})) << stanza;
    EXPECT_EQ(hear_stream("<x:stream xmlns='jabber:client'>"), (Heard{{}, Fault::BadNamespacePrefix}));
}

TEST(Namespaces, ATagThatDoesNotEndIsNotWellFormedWhateverItsNames)
{
    for (const char *stanza : {"<x:message \x01>", "<message><x:a b='1'\x02c='2'/></message>",
                               "<message x:a='1' \x1F/>", "<message><stream:features \x08"})
        EXPECT_EQ(hear(stanza), (Heard{{}, Fault::NotWellFormed})) << stanza;
    EXPECT_EQ(hear_stream("<stream:stream \x01xmlns:stream='u' xmlns='jabber:client'>"),
              (Heard{{}, Fault::NotWellFormed}));
}

TEST(Namespaces, NoElementIsOfTheNamespaceOfXmlItself)
{
    // It would need its prefix, and be fatal to whoever reads it without.
    EXPECT_EQ(hear("<message><xml:a/></message>"), (Heard{{}, Fault::BadNamespacePrefix}));
    EXPECT_EQ(hear("<xml:message/>"), (Heard{{}, Fault::BadNamespacePrefix}));
}

TEST(Namespaces, NamesAreThoseOfTheFourthEdition)
{
    EXPECT_EQ(hear("<message><\xC3\xA9t\xC3\xA9/></message>"), (Heard{{"<message><\xC3\xA9t\xC3\xA9/></message>"}}));
    for (const char *fifth : {"\xE2\x82\xAC", "a\xE2\x82\xAC", "\xEF\xBF\x88", "\xF0\x90\x80\x80"})
        EXPECT_NE(hear(std::string{"<message><"} + fifth + "/></message><iq/>").fault, Fault::None) << fifth;
}

TEST(Namespaces, APrefixEndsWithItsElement)
{
    EXPECT_EQ(hear("<message xmlns:x='u' x:a='1'/><message x:a='1'/>"),
              (Heard{{"<message xmlns:x='u' x:a='1'/>"}, Fault::BadNamespacePrefix}));
}

TEST(Namespaces, BadNamesAndDeclarationsEndTheStream)
{
    for (const char *stanza :
         {"<a:b:c xmlns:a='u'/>", "<:a/>", "<a:/>", "<message a:b:c='1' xmlns:a='u'/>", "<message xmlns:x=''/>",
          "<message xmlns:xml='u'/>", "<message xmlns:xmlns='u'/>",
          "<message xmlns:x='http://www.w3.org/2000/xmlns/'/>", "<message xmlns:a='u' xmlns:b='u' a:x='1' b:x='2'/>"})
        EXPECT_NE(hear(std::string{stanza}.append("<iq/>")).fault, Fault::None) << stanza;
}

TEST(Namespaces, AStanzaWithAPrefixOfJabberClientIsAStanza)
{
    EXPECT_EQ(hear("<c:message xmlns:c='jabber:client' to='a'><c:body>hi</c:body></c:message>"),
              (Heard{{"<message to='a'><body>hi</body></message>"}}));
}

TEST(Namespaces, AStanzaOfAnotherNamespaceSaysSo)
{
    EXPECT_EQ(hear("<message xmlns='jabber:server'><body/></message>"),
              (Heard{{"<message xmlns='jabber:server'><body/></message>"}}));
    EXPECT_EQ(hear("<x:message xmlns:x='u'/>"), (Heard{{"<message xmlns='u'/>"}}));
    EXPECT_EQ(hear("<message xmlns=''/>"), (Heard{{"<message xmlns=''/>"}}));
}

TEST(Namespaces, ElementsLoseTheirPrefixAndKeepTheirNamespace)
{
    EXPECT_EQ(hear("<iq><x:query xmlns:x='jabber:iq:auth'><x:username/><password/></x:query></iq>"),
              (Heard{{"<iq><query xmlns='jabber:iq:auth' xmlns:x='jabber:iq:auth'><username/><password "
                      "xmlns='jabber:client'/></query></iq>"}}));
    EXPECT_EQ(hear("<iq><a xmlns=''><b xmlns='u'><c xmlns=''/></b></a></iq>"),
              (Heard{{"<iq><a xmlns=''><b xmlns='u'><c xmlns=''/></b></a></iq>"}}));
}

TEST(Namespaces, AttributesKeepTheirPrefixAndDeclareIt)
{
    EXPECT_EQ(hear("<message xmlns:x='u' x:to='a' to='b' xml:lang='de' xml:space='preserve'/>"),
              (Heard{{"<message to='b' xml:lang='de' xmlns:x='u' x:to='a' xml:space='preserve'/>"}}));
    EXPECT_EQ(hear("<message xmlns:x='u'><a x:b='1' x:c='2'><d x:e='3'/></a></message>"),
              (Heard{{"<message><a xmlns:x='u' x:b='1' x:c='2'><d xmlns:x='u' x:e='3'/></a></message>"}}));
}

TEST(Namespaces, APrefixOfTheHeaderIsDeclaredWhereItIsUsed)
{
    const Heard heard =
        hear_stream("<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
                    "xmlns:x='u'><message><x:a/><b x:c='1'/></message>");
    ASSERT_EQ(heard.events.size(), 2u) << heard;
    EXPECT_EQ(heard.events[1], "<message><a xmlns='u'/><b xmlns:x='u' x:c='1'/></message>");
}

TEST(Namespaces, NeedNotBeUris)
{
    for (const char *name : {"not a uri", "::", "%", "\xC3\xA9", "relative", "http://[", "a{b}"})
        EXPECT_EQ(hear(std::string{"<message><a xmlns='"} + name + "' xmlns:x='" + name + "'/></message>"),
                  (Heard{{std::string{"<message><a xmlns='"} + name + "' xmlns:x='" + name + "'/></message>"}}));
}

TEST(Namespaces, ASecondMeaningOfAPrefixIsKeptApart)
{
    EXPECT_EQ(hear("<message xmlns:x='u'><x:a x:b='1'/><x:a xmlns:x='v' x:b='1'/></message>"),
              (Heard{{"<message><a xmlns='u' xmlns:x='u' x:b='1'/><a xmlns='v' xmlns:x='v' x:b='1'/></message>"}}));
}

TEST(Namespaces, SwitchedOftenTheyCannotMakeTheBodyExplode)
{
    // 6 bytes become 100 000, ten thousand times: 150 KB of a client would be a gigabyte here.
    std::string bomb = "<message xmlns:p='" + std::string(100000, 'u') + "'>";
    for (int i = 0; i < 9000; ++i)
        bomb += "<p:a/>";
    bomb += "</message>";
    EXPECT_EQ(
        hear(bomb, {.limits = {.bytes = 262144, .elements = 10000, .attributes = 64, .depth = 64, .name_bytes = 1024}}),
        (Heard{{}, Fault::GrowsTooMuch}));

    // The same by prefixed attributes, declared in the stream header.
    std::string with_attributes = "<message>";
    for (int i = 0; i < 9000; ++i)
        with_attributes += "<a p:b=''/>";
    with_attributes += "</message>";
    xml::Parser parser{
        "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' xmlns:p='" +
        std::string(8000, 'u') + "'>"};
    EXPECT_EQ(
        hear_from(parser, with_attributes,
                  {.limits = {.bytes = 262144, .elements = 10000, .attributes = 64, .depth = 64, .name_bytes = 1024}}),
        (Heard{{}, Fault::GrowsTooMuch}));
}

TEST(Namespaces, RepeatedByManyChildrenTheyTakeNoMoreThanCame)
{
    const auto stanza = [](int bytes, int children) {
        std::string all = "<message xmlns:p='" + std::string(static_cast<std::size_t>(bytes), 'u') + "'>";
        for (int i = 0; i < children; ++i)
            all += "<p:a/>";
        return all + "</message>";
    };
    EXPECT_EQ(hear(stanza(40, 100)).fault, Fault::None) << "a hundred ordinary children of one ordinary namespace";
    EXPECT_EQ(hear(stanza(8000, 2)).fault, Fault::None);
    for (const auto &[bytes, children] : {std::pair{8000, 4}, {8000, 1000}, {1000, 30}, {200, 300}})
        EXPECT_EQ(hear(stanza(bytes, children)).fault, Fault::GrowsTooMuch) << bytes << ", " << children;
}

// As a server sends it when somebody asks for a thousand things at once; the parser then reads what comes behind.
TEST(Namespaces, DeclarationsAreThoseOfOneStanza)
{
    std::string many = "<message>";
    for (int i = 0; i < 2000; ++i)
        many += "<x xmlns='urn:example:" + std::to_string(i) + "'/>";
    many += "</message>";
    EXPECT_EQ(hear(many + "<presence/>" + many + "<iq/>").events.size(), 4u);
}

TEST(Namespaces, TextThatGrowsByEscapingIsNoExplosion)
{
    const std::string quotes(9000, '"');
    const Heard heard =
        hear("<message><body id='" + quotes + "'><a/></body></message>",
             {.limits = {.bytes = 10000, .elements = 10, .attributes = 10, .depth = 10, .name_bytes = 100}});
    EXPECT_EQ(heard.fault, Fault::None);
}

} // namespace
} // namespace jabberd::test
