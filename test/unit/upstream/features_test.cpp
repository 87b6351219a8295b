// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/packet_from_xml.h"
#include "upstream/wire/features.h"

#include <gtest/gtest.h>

namespace jabberd::test {
namespace {

using upstream::has_login;
using upstream::has_stream_management;
using upstream::offered_features;

const std::string sasl = "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>";

TEST(Features, OfTwoNeighboursAndOldVersionsAreNotOffered)
{
    EXPECT_EQ(
        offered_features("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls>"
                         "<compression xmlns='http://jabber.org/features/compress'><method>zlib</method></compression>"
                         "<limits xmlns='urn:xmpp:stream-limits:0'><max-bytes>1</max-bytes></limits>"
                         "<sasl-channel-binding xmlns='urn:xmpp:sasl-cb:0'><channel-binding type='tls-exporter'/>"
                         "</sasl-channel-binding><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>"
                         "<sm xmlns='urn:xmpp:sm:2'/><sm xmlns='urn:xmpp:sm:3'/>"
                         "<ack xmlns='http://www.xmpp.org/extensions/xep-0198.html#ns'/>",
                         {.tls = true}),
        "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/><sm xmlns='urn:xmpp:sm:3'/>");
}

TEST(Features, HaveNoMechanismThatNeedsTheServersTls)
{
    EXPECT_EQ(offered_features(sasl + "<mechanism>SCRAM-SHA-1-PLUS</mechanism><mechanism>SCRAM-SHA-1</mechanism>"
                                      "</mechanisms>",
                               {.tls = true}),
              sasl + "<mechanism>SCRAM-SHA-1</mechanism></mechanisms>");
    const std::string sasl2 = "<authentication xmlns='urn:xmpp:sasl:2'><mechanism>PLAIN</mechanism>";
    EXPECT_EQ(offered_features(sasl2 + "<mechanism>SCRAM-SHA-1-PLUS</mechanism><inline><fast xmlns='urn:xmpp:fast:0'>"
                                       "<mechanism>HT-SHA-256-NONE</mechanism></fast></inline></authentication>",
                               {.tls = true}),
              sasl2 + "<inline><fast xmlns='urn:xmpp:fast:0'><mechanism>HT-SHA-256-NONE</mechanism></fast></inline>"
                      "</authentication>");
}

TEST(Features, HavePlainWhereAPasswordMayTravelSo)
{
    const std::string both = sasl + "<mechanism>PLAIN</mechanism><mechanism>SCRAM-SHA-1</mechanism></mechanisms>";
    EXPECT_EQ(offered_features(both, {.tls = true}), both);
    EXPECT_EQ(offered_features(both, {.plain = true}), both);
    EXPECT_EQ(offered_features(both, {}), sasl + "<mechanism>SCRAM-SHA-1</mechanism></mechanisms>");
}

TEST(Features, ThatCannotBeReadAreNone)
{
    EXPECT_EQ(offered_features("<bind", {}), "");
    EXPECT_FALSE(has_stream_management("<sm xmlns='urn:xmpp:sm:2'/>"));
    EXPECT_TRUE(has_stream_management("<sm xmlns='urn:xmpp:sm:3'/>"));
}

TEST(Features, OfAServerThatWantsTlsFirstHaveNoLogin)
{
    EXPECT_FALSE(has_login(""));
    EXPECT_FALSE(has_login("<mechanisms"));
    EXPECT_FALSE(has_login("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls>"
                           "<register xmlns='http://jabber.org/features/iq-register'/>"));
    EXPECT_FALSE(has_login(sasl + "</mechanisms>"));
    EXPECT_TRUE(has_login(sasl + "<mechanism>PLAIN</mechanism></mechanisms>"));
    EXPECT_TRUE(has_login("<authentication xmlns='urn:xmpp:sasl:2'><mechanism>PLAIN</mechanism></authentication>"));
    EXPECT_TRUE(has_login("<auth xmlns='http://jabber.org/features/iq-auth'/>"));
}

TEST(Features, AreAskedForByTheSocketManagerAndByNoClient)
{
    const auto is_question = [](const char *xml) {
        const OwnedPacket owned = packet_from_xml(xml);
        return upstream::is_features_question(owned.packet());
    };
    EXPECT_TRUE(is_question("<iq type='get' id='1' sto='foo.com' sfrom='1@c2s/1'><query "
                            "xmlns='jabber:iq:stream-features'/></iq>"));
    EXPECT_FALSE(is_question("<iq type='get' id='1' to='bob@foo.com' sto='a@foo.com/r' sfrom='1@c2s/1'><query "
                             "xmlns='jabber:iq:stream-features'/></iq>"));
    EXPECT_FALSE(is_question("<iq type='get' id='1' sto='foo.com' sfrom='1@c2s/1'><query xmlns='jabber:iq:auth'>"
                             "jabber:iq:stream-features</query></iq>"));
}

} // namespace
} // namespace jabberd::test
