// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/owned_packet.h"

#include "base/view.h"

#include <gtest/gtest.h>

#include <string>

namespace jabberd {
namespace {

TEST(OwnedPacket, OutlivesWhatItWasCopiedFrom)
{
    OwnedPacket owned;
    {
        std::string name = "message", to = "bob@foo.com", body = "<body>hi</body>", attribute = "x:y", value = "z";
        const jabberd_attribute attributes[] = {{view(attribute), view(value)}};
        jabberd_packet packet{};
        packet.size = sizeof packet;
        packet.name = view(name);
        packet.to = view(to);
        packet.id = view("");
        packet.body = view(body);
        packet.attributes = attributes;
        packet.attribute_count = 1;
        owned = OwnedPacket{packet};
        for (std::string *s : {&name, &to, &body, &attribute, &value})
            s->assign(s->size(), '#');
    }
    const OwnedPacket moved = std::move(owned);
    const jabberd_packet &packet = moved.packet();
    EXPECT_EQ(text(packet.name), "message");
    EXPECT_EQ(text(packet.to), "bob@foo.com");
    EXPECT_EQ(text(packet.body), "<body>hi</body>");
    ASSERT_EQ(packet.attribute_count, 1u);
    EXPECT_EQ(text(packet.attributes[0].name), "x:y");
    EXPECT_EQ(text(packet.attributes[0].value), "z");
}

TEST(OwnedPacket, KeepsAbsentApartFromEmpty)
{
    jabberd_packet packet{};
    packet.name = view("iq");
    packet.id = view("");
    const OwnedPacket owned{packet};
    EXPECT_TRUE(present(owned.packet().id));
    EXPECT_FALSE(present(owned.packet().to));
}

} // namespace
} // namespace jabberd
