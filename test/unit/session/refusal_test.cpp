// SPDX-License-Identifier: LGPL-2.1-or-later
// Why a session manager has refused a login, as the log has it.
#include "session/refusal.h"

#include "support/packet_from_xml.h"

#include <gtest/gtest.h>

#include <string>

namespace jabberd::session {
namespace {

std::string refusal(const std::string &xml)
{
    return refusal_of(test::packet_from_xml(xml).packet());
}

std::string of_sasl(const std::string &inside)
{
    return refusal("<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>" + inside + "</failure>");
}

std::string of_iq(const std::string &error)
{
    return refusal("<iq type='error' id='1'><query xmlns='jabber:iq:auth'><username>a</username></query>" + error +
                   "</iq>");
}

TEST(Refusal, OfSaslIsItsCondition)
{
    EXPECT_EQ(of_sasl("<not-authorized/>"), "not-authorized");
    EXPECT_EQ(of_sasl("<account-disabled/><text xml:lang='en'>Call &amp; ask</text>"), "account-disabled (Call & ask)");
    EXPECT_EQ(of_sasl("<text>first</text><aborted/>"), "aborted (first)");
    EXPECT_EQ(refusal("<failure xmlns='urn:xmpp:sasl:2'><not-authorized xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"
                      "<text>No</text></failure>"),
              "not-authorized (No)");
}

TEST(Refusal, OfAnIqIsItsConditionOrElseItsCode)
{
    EXPECT_EQ(of_iq("<error code='401'>Unauthorized</error>"), "401 (Unauthorized)");
    EXPECT_EQ(of_iq("<error code='401'/>"), "401");
    EXPECT_EQ(of_iq("<error code='401' type='auth'><not-authorized xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
                    "<text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>Wrong</text></error>"),
              "not-authorized (Wrong)");
    EXPECT_EQ(of_iq("<error>Just no</error>"), "(Just no)");
}

TEST(Refusal, ThatSaysNothingIsEmpty)
{
    EXPECT_EQ(of_sasl(""), "");
    EXPECT_EQ(of_iq(""), "");
    EXPECT_EQ(of_iq("<error/>"), "");
}

} // namespace
} // namespace jabberd::session
