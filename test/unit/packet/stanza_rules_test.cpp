// SPDX-License-Identifier: LGPL-2.1-or-later
// What is imposed on the children of stanzas, and found among them.
#include "packet/stanza_rules.h"

#include "support/heard.h"

#include <gtest/gtest.h>

namespace jabberd::packet {
namespace {

using test::hear;
using test::Heard;
using test::roomy;

Heard one(std::string stanza)
{
    return {{std::move(stanza)}};
}

TEST(StanzaRules, DigestsCarryOurStreamId)
{
    const xml::Rules rules = stanza_rules(roomy, "5eed'");
    const auto in_auth = [](const std::string &digest) {
        return "<iq><query xmlns='jabber:iq:auth'>" + digest + "</query></iq>";
    };
    for (const char *digest :
         {"<digest>d</digest>", "<digest sid='forged'>d</digest>", "<digest sid=\"5eed&apos;\" >d</digest>"})
        EXPECT_EQ(hear(in_auth(digest), rules), one(in_auth("<digest sid='5eed&apos;'>d</digest>"))) << digest;
    EXPECT_EQ(hear(in_auth("<digest sid='forged'/>")), one(in_auth("<digest sid='forged'/>"))) << "without the rule";
}

TEST(StanzaRules, DigestsOfNoOrAnotherNamespaceDoToo)
{
    // A session manager of 2000 looks for a child of that name and knows no namespaces: <digest xmlns='x'
    // sid='overheard yesterday'/> would replay a login.
    const xml::Rules rules = stanza_rules(roomy, "5eed");
    EXPECT_EQ(hear("<iq><query xmlns='jabber:iq:auth'><digest xmlns='x' sid='old'/></query></iq>", rules),
              one("<iq><query xmlns='jabber:iq:auth'><digest xmlns='x' sid='5eed'/></query></iq>"));
    EXPECT_EQ(
        hear("<iq><query xmlns='jabber:iq:auth'><x:digest xmlns:x='u' x:sid='1' sid='old'/></query></iq>", rules),
        one("<iq><query xmlns='jabber:iq:auth'><digest xmlns='u' xmlns:x='u' x:sid='1' sid='5eed'/></query></iq>"));
}

TEST(StanzaRules, A510IsSeenWhereverItIsADirectChild)
{
    for (const char *yes : {"<message><error code='510'/></message>",
                            "<message><a/><error type='x' code=\"510\">Disconnected</error></message>",
                            "<iq><error xmlns='u' code='510'/></iq>", "<iq xmlns:x='u'><x:error code='510'/></iq>",
                            "<iq><error code='&#53;10'/></iq>"})
        EXPECT_TRUE(hear(yes).events.at(0).ends_with(" (510)")) << yes;
    for (const char *no : {"<message><error code='404'/></message>", "<message><a><error code='510'/></a></message>",
                           "<message><error xmlns:x='u' x:code='510'/></message>", "<message code='510'/>"})
        EXPECT_FALSE(hear(no).events.at(0).ends_with(" (510)")) << no;
}

} // namespace
} // namespace jabberd::packet
