// SPDX-License-Identifier: LGPL-2.1-or-later
// What XML allows and a stream does not. Named by hazard; each was somebody's hole.
#include "base/view.h"
#include "support/heard.h"
#include "xml/parser_pool.h"

#include <gtest/gtest.h>

namespace jabberd::test {
namespace {

using xml::Fault;

Heard ends_with(Fault fault)
{
    return {{}, fault};
}

TEST(Parser, EndsTheStreamAtADoctype)
{
    EXPECT_EQ(hear_stream(std::string{"<!DOCTYPE stream>"}.append(usual_header)), ends_with(Fault::RestrictedXml));
    EXPECT_EQ(hear_stream(std::string{"<!DOCTYPE s [<!ENTITY a 'b'><!ENTITY c '&a;&a;'>]>"}.append(usual_header)),
              ends_with(Fault::RestrictedXml));
    EXPECT_EQ(hear_stream(std::string{"<!DOCTYPE s SYSTEM 'file:///etc/passwd'>"}.append(usual_header)),
              ends_with(Fault::RestrictedXml));
    EXPECT_NE(hear("<!DOCTYPE a><message/>").fault, Fault::None);
    EXPECT_NE(hear("<message><!DOCTYPE a></message>").fault, Fault::None);
}

TEST(Parser, KnowsTheFivePredefinedEntitiesOnly)
{
    EXPECT_EQ(hear("<message><body>&lt;&amp;&gt;&apos;&quot;</body></message>"),
              (Heard{{"<message><body>&lt;&amp;&gt;'\"</body></message>"}}));
    EXPECT_EQ(hear("<message id='&lt;&amp;&gt;&apos;&quot;'/>"),
              (Heard{{"<message id='&lt;&amp;&gt;&apos;&quot;'/>"}}));
    EXPECT_EQ(hear("<message><body>&nbsp;</body></message>"), ends_with(Fault::RestrictedXml));
    EXPECT_EQ(hear("<message id='&nbsp;'/>"), ends_with(Fault::RestrictedXml));
    EXPECT_EQ(hear("<message><x y='&lol;'/></message>"), ends_with(Fault::RestrictedXml));
}

TEST(Parser, EndsTheStreamAtAComment)
{
    EXPECT_EQ(hear("<!-- -->"), ends_with(Fault::RestrictedXml));
    EXPECT_EQ(hear("<message><!----></message>"), ends_with(Fault::RestrictedXml));
    EXPECT_EQ(hear("<message><body>a<!-- b -->c</body></message>"), ends_with(Fault::RestrictedXml));
    EXPECT_EQ(hear_stream(std::string{"<!-- -->"}.append(usual_header)), ends_with(Fault::RestrictedXml));
}

TEST(Parser, EndsTheStreamAtAProcessingInstruction)
{
    EXPECT_EQ(hear("<?php ?>"), ends_with(Fault::RestrictedXml));
    EXPECT_EQ(hear("<message><?xml-stylesheet href='x'?></message>"), ends_with(Fault::RestrictedXml));
    EXPECT_EQ(hear_stream(std::string{"<?x?>"}.append(usual_header)), ends_with(Fault::RestrictedXml));
}

TEST(Parser, EndsTheStreamAtASecondXmlDeclaration)
{
    const Heard heard = hear(std::string{"<message/><?xml version='1.0'?>"}.append(usual_header).append("<iq/>"));
    EXPECT_EQ(heard.events, std::vector<std::string>{"<message/>"});
    EXPECT_NE(heard.fault, Fault::None);
    EXPECT_NE(hear("<message><?xml version='1.0'?></message>").fault, Fault::None);
    EXPECT_NE(hear("<?XML version='1.0'?>").fault, Fault::None);
    EXPECT_NE(hear_stream(std::string{" <?xml version='1.0'?>"}.append(usual_header)).fault, Fault::None);
}

TEST(Parser, EndsTheStreamAtAStreamElementAtAnyDepth)
{
    EXPECT_EQ(hear(usual_header), ends_with(Fault::BadFormat));
    for (const char *element :
         {"<stream:stream/>", "<stream:features/>", "<stream:error/>", "<message><stream:error/></message>",
          "<message><a><b><stream:stream/></b></a></message>",
          "<message><stream xmlns='http://etherx.jabber.org/streams'/></message>",
          "<x:a xmlns:x='http://etherx.jabber.org/streams'/>"})
        EXPECT_EQ(hear(element), ends_with(Fault::BadFormat)) << element;
}

TEST(Parser, EndsTheStreamAtTextBetweenStanzas)
{
    for (const char *between : {"x", " x ", "<message/>x<iq/>", "&#32;", "&#32;<iq/>", "&lt;", "&#x20;<message/>",
                                "<![CDATA[x]]>", "<![CDATA[ ]]>", "<![CDATA[]]>", "]]>"})
        EXPECT_NE(hear(between).fault, Fault::None) << between;
}

TEST(Parser, DoesNotCareHowWhiteSpaceBetweenStanzasIsCut)
{
    for (const std::size_t chunk : std::initializer_list<std::size_t>{1, 2, 7, 1000})
        EXPECT_EQ(hear(" \n\t<message/>\r\n\r\n<iq/>  ", {.limits = roomy}, chunk), (Heard{{"<message/>", "<iq/>"}}))
            << "chunks of " << chunk;
}

TEST(Parser, NeverReadsTheForbiddenEndInTwoPieces)
{
    // libxml2 passes on long text before it has seen what follows: "]]" and ">" come as two texts.
    for (const std::size_t length : std::initializer_list<std::size_t>{0, 10, 299, 300, 301, 1000}) {
        const std::string stanza = "<message>" + std::string(length, 'x') + "]]>";
        for (std::size_t cut = stanza.size() - 3; cut < stanza.size(); ++cut) {
            xml::Parser parser{xml::usual_primer};
            hear_from(parser, std::string_view{stanza}.substr(0, cut));
            EXPECT_EQ(hear_from(parser, stanza.substr(cut) + "</message>"), ends_with(Fault::NotWellFormed))
                << length << " letters, cut at " << cut;
        }
    }
}

TEST(Parser, ReadsTheForbiddenEndEscaped)
{
    const Heard expected{{"<message>]]&gt;</message>"}};
    EXPECT_EQ(hear("<message>]]&gt;</message>"), expected);
    EXPECT_EQ(hear("<message>]]&#62;</message>"), expected);
    EXPECT_EQ(hear("<message>]&#93;></message>"), expected);
    EXPECT_EQ(hear("<message><![CDATA[]]]]>></message>"), expected);
    EXPECT_EQ(hear("<message>]]<![CDATA[>]]></message>"), expected);
    EXPECT_EQ(hear("<message>]<a/>]><a/>]]</message>"), (Heard{{"<message>]<a/>]&gt;<a/>]]</message>"}}));
}

TEST(Parser, RefusesWhatIsNotWellFormed)
{
    for (const char *stanza : {"<message></iq>",
                               "</message>",
                               "<message a='1' a='2'/>",
                               "<message a=1/>",
                               "<message a/>",
                               "<message a='<'/>",
                               "<message a='&'/>",
                               "<message>&</message>;",
                               "<message>&#0;</message>",
                               "<message>&#xFFFE;</message>",
                               "<message>&#xD800;</message>",
                               "<message>&#x110000;</message>",
                               "<message a='1'b='2'/>",
                               "<1/>",
                               "<me\x01/>",
                               "<message>\x02</message>",
                               "<message id='\x7F\x1F'/>",
                               "<message xmlns='a' xmlns='b'/>",
                               "< message/>",
                               "<message/ >"})
        EXPECT_NE(hear(std::string{stanza}.append("<iq/>")).fault, Fault::None) << stanza;
}

TEST(Parser, ReportsNoHeaderThatIsCutOffByACharacterThatCannotBeThere)
{
    for (const char *stream : {"<stream\x01>", "<html a='1' \x02>", "<html a='1'\x7F\x01/>"})
        EXPECT_EQ(hear_stream(stream), ends_with(Fault::NotWellFormed)) << stream;
}

TEST(Parser, SaysNothingMoreAfterItsFirstFault)
{
    xml::Parser parser;
    hear_from(parser, usual_header);
    EXPECT_EQ(hear_from(parser, "<message/><!-- --><iq/>"), (Heard{{"<message/>"}, Fault::RestrictedXml}));
    EXPECT_EQ(hear_from(parser, "<iq/></stream:stream>"), (Heard{{}, Fault::RestrictedXml}));
    EXPECT_FALSE(parser.at_boundary());
}

TEST(Parser, CanBeStoppedInsideAnEvent)
{
    class StopAtFirst final : public xml::Events {
    public:
        xml::Parser parser{xml::usual_primer};
        int stanzas = 0;

    private:
        void on_stream_header(const xml::StreamHeader &) override {}
        void on_stream_end() override {}
        void on_stanza(const xml::Stanza &) override
        {
            ++stanzas;
            parser.stop();
        }
    } events;
    EXPECT_EQ(events.parser.feed("<message/><message/>", {.limits = roomy}, events), Fault::None);
    EXPECT_EQ(events.parser.feed("<message/>", {.limits = roomy}, events), Fault::None);
    EXPECT_EQ(events.stanzas, 1);
    EXPECT_FALSE(events.parser.at_boundary());
}

// A server's stream has them; a client's never (XEP-0114 reads both with one parser).
TEST(Parser, HearsOfStreamElementsBetweenStanzasOnlyWhereItIsAsked)
{
    class Names final : public xml::Events {
    public:
        std::string all;

    private:
        void on_stream_header(const xml::StreamHeader &header) override { all += text(header.id); }
        void on_stanza(const xml::Stanza &stanza) override { all.append(" ").append(text(stanza.packet.name)); }
        void on_stream_end() override { all += " end"; }
    };
    const auto hear_server = [](const std::string &elements, bool asked) {
        xml::Rules rules{.limits = xml::no_limits};
        rules.stream_elements = asked;
        Names names;
        xml::Parser parser;
        const Fault fault = parser.feed("<stream:stream id='7' xmlns='jabber:client' "
                                        "xmlns:stream='http://etherx.jabber.org/streams'>" +
                                            elements,
                                        rules, names);
        return std::pair{names.all, fault};
    };
    EXPECT_EQ(hear_server("<stream:error><a/></stream:error><iq/>", true),
              (std::pair{std::string{"7 error iq"}, Fault::None}));
    EXPECT_EQ(hear_server("<stream:error/>", false), (std::pair{std::string{"7"}, Fault::BadFormat}));
    EXPECT_EQ(hear_server("<iq><stream:error/></iq>", true), (std::pair{std::string{"7"}, Fault::BadFormat}));
}

} // namespace
} // namespace jabberd::test
