// SPDX-License-Identifier: LGPL-2.1-or-later
#include "packet/returned_packet.h"

#include "support/packet_from_xml.h"
#include "xml/packet_text.h"

#include <gtest/gtest.h>

namespace jabberd::packet {
namespace {

std::string returned(std::string_view xml, Undelivered why)
{
    const OwnedPacket original = test::packet_from_xml(std::string{xml});
    std::string out;
    xml::append_packet(out, ReturnedPacket{original.packet(), why}.packet());
    return out;
}

constexpr std::string_view in_session =
    "<message to='a@foo.com' from='b@foo.com' type='chat' sto='7@c2s/1' sfrom='a@foo.com/r'><body>hi</body></message>";
constexpr std::string_view a_stanza = "<message to='a@foo.com' from='b@foo.com' type='chat'><body>hi</body></message>";

TEST(ReturnedPacket, IsA510InASessionThatSaysWhy)
{
    EXPECT_EQ(returned(in_session, Undelivered::UnknownHost),
              "<message to='a@foo.com' from='b@foo.com' type='error' sto='a@foo.com/r' sfrom='7@c2s/1'>"
              "<body>hi</body><error code='510' type='chat'>Server Configuration Error</error></message>");
    EXPECT_NE(returned(in_session, Undelivered::NotTaken).find(">Server Delivery Error</error>"), std::string::npos);
    EXPECT_NE(returned(in_session, Undelivered::Disconnected).find(">Disconnected</error>"), std::string::npos);
}

TEST(ReturnedPacket, IsAStanzaErrorForItsAuthorOutsideOfOne)
{
    EXPECT_EQ(returned(a_stanza, Undelivered::UnknownHost),
              "<message to='b@foo.com' from='a@foo.com' type='error'><body>hi</body><error code='404' type='cancel'>"
              "<remote-server-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>");
    EXPECT_EQ(returned(a_stanza, Undelivered::NotTaken),
              "<message to='b@foo.com' from='a@foo.com' type='error'><body>hi</body><error code='503' type='cancel'>"
              "<service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>");
}

TEST(ReturnedPacket, SaysWhetherItMayHaveBeenDeliveredWhereALinkWasLost)
{
    EXPECT_NE(
        returned(in_session, Undelivered::LinkLost).find(">Not Delivered, Link To The Remote Server Lost</error>"),
        std::string::npos);
    EXPECT_NE(returned(in_session, Undelivered::LinkLostMaybe)
                  .find(">Maybe Delivered, Link To The Remote Server Lost</error>"),
              std::string::npos);
    EXPECT_EQ(returned(a_stanza, Undelivered::LinkLost),
              "<message to='b@foo.com' from='a@foo.com' type='error'><body>hi</body><error code='504' type='wait'>"
              "<remote-server-timeout xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>");
    EXPECT_NE(
        returned(a_stanza, Undelivered::LinkLostMaybe).find("xml:lang='en'>It may have been delivered</text></error>"),
        std::string::npos);
}

} // namespace
} // namespace jabberd::packet
