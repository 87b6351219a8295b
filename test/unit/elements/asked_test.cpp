// SPDX-License-Identifier: LGPL-2.1-or-later
// What was never asked for is told, where it stands, and with what it may have been meant for.
#include "elements/element.h"
#include "stub/config_tree.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

namespace jabberd::elements {
namespace {

using testing::ElementsAre;

// "line: message" of all that a reader of <listen port='' tls=''>text</listen>, <noregister/> and <limits> with
// <stanza> and <depth> does not ask for.
std::vector<std::string> unread(const std::string &inside, const std::string &attributes = "")
{
    const test::ConfigTree tree{"<c xmlns='urn:c'" + attributes + ">\n" + inside + "</c>"};
    Asked asked;
    const auto number = [](const Element &element) { element.text(); };
    const auto limits = [&](const Element &element) {
        element.read(std::array<Option, 2>{{{"stanza", number}, {"depth", number}}});
    };
    const auto listen = [](const Element &element) {
        element.text();
        element.attribute("port");
        element.attribute("tls");
    };
    Element{tree.root(), asked}.read(std::array<Option, 4>{{
        {"listen", listen, Times::Any},
        {"noregister", [](const Element &) {}},
        {"limits", limits, Times::Any},
        {"old", [](const Element &element) { element.leave(); }},
    }});
    std::vector<std::string> all;
    asked.tell_unread(tree.root(), [&](const jabberd_config &at, const std::string &message) {
        all.push_back(std::to_string(at.line) + ": " + message);
    });
    return all;
}

TEST(Unread, IsNothingWhereAllWasAskedFor)
{
    EXPECT_THAT(unread("<listen port='1' tls='direct'>::1</listen><listen/><noregister/><limits><depth>1</depth>"
                       "</limits><limits/>"),
                ElementsAre());
}

TEST(Unread, AttributesAreToldWithThoseThereAre)
{
    EXPECT_THAT(unread("<listen host='127.0.0.1'/>"),
                ElementsAre("2: unknown attribute host='127.0.0.1' of <listen/>; it takes port, tls and text inside"));
    EXPECT_THAT(unread("<listen\nprot='1'/>"),
                ElementsAre("2: unknown attribute prot='1' of <listen/>; did you mean 'port'?"));
    EXPECT_THAT(unread("<noregister when='now'/>"),
                ElementsAre("2: unknown attribute when='now' of <noregister/>; it takes none"));
    EXPECT_THAT(
        unread("<limits stanza='5'/>"),
        ElementsAre("2: unknown attribute stanza='5' of <limits/>; it is an element there: <stanza>…</stanza>"));
}

TEST(Unread, ElementsAreToldWithWhatTheyMayHaveBeenMeantFor)
{
    EXPECT_THAT(unread("\n<lisen port='1'/>"),
                ElementsAre("3: unknown option <lisen/> in <c/>; did you mean <listen/>?"));
    EXPECT_THAT(unread("<colour/>"),
                ElementsAre("2: unknown option <colour/> in <c/>; it takes listen, noregister, limits and old"));
    EXPECT_THAT(unread("<limits/><stanza>5</stanza>"),
                ElementsAre("2: unknown option <stanza/> in <c/>; it is one of <limits/>"));
    EXPECT_THAT(unread("<listen><port>5</port></listen>"),
                ElementsAre("2: unknown option <port/> in <listen/>; it is an attribute there: <listen port='…'>"));
    EXPECT_THAT(unread("<limits>\n<stanza><depth>5</depth></stanza></limits>"),
                ElementsAre("3: unknown option <depth/> in <stanza/>; it is one of <limits/>"));
}

TEST(Unread, ElementsAreToldOnceWithAllThatIsInThem)
{
    EXPECT_THAT(unread("<colour of='sky'>blue<shade/></colour>").size(), 1u);
}

TEST(Unread, TextIsToldWhereItMeansNothing)
{
    EXPECT_THAT(unread("<noregister>no</noregister>"),
                ElementsAre("2: the text 'no' in <noregister/> has no meaning there"));
    EXPECT_THAT(unread("<limits>\n5 <depth>3</depth></limits>"),
                ElementsAre("2: the text '5' in <limits/> has no meaning there"));
    EXPECT_THAT(unread("all"), ElementsAre("1: the text 'all' in <c/> has no meaning there"));
}

TEST(Unread, ALongValueIsCutBetweenCharacters)
{
    std::string umlauts;
    for (int i = 0; i < 100; ++i)
        umlauts += "ü";
    for (const char *before : {"", "x"}) {
        const auto told = unread(std::string{"<noregister>"} + before + umlauts + "</noregister>");
        ASSERT_EQ(told.size(), 1u);
        EXPECT_THAT(told[0], testing::HasSubstr("ü…'"));
    }
}

TEST(Unread, WhatIsReplacedByALaterOneIsToldWhereItStands)
{
    EXPECT_THAT(unread("<limits><depth>1</depth>\n<depth>2</depth></limits>"),
                ElementsAre("2: <depth/> is there again in line 3, which is the one that holds"));
}

TEST(Unread, ElementsOfAnotherNamespaceAreNoOptionsAndThoseOfNoneAre)
{
    EXPECT_THAT(unread("<listen xmlns='urn:other' port='1'/>"),
                ElementsAre("2: <listen/> in <c/> is in the namespace 'urn:other', where it is no option; options are "
                            "in 'urn:c'"));
    EXPECT_THAT(unread("<listen xmlns='' port='1'/>"), ElementsAre());
}

TEST(Unread, WhatIsLeftToOthersIsNotTold)
{
    EXPECT_THAT(unread("<old way='1'>of <doing/> things</old>"), ElementsAre());
}

} // namespace
} // namespace jabberd::elements
