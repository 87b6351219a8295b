// SPDX-License-Identifier: LGPL-2.1-or-later
#include "packet/notice.h"
#include "packet/returned_packet.h"

#include "base/view.h"
#include "xml/packet_text.h"

#include <gtest/gtest.h>

namespace jabberd::packet {
namespace {

std::string written(const jabberd_packet &packet)
{
    std::string out;
    xml::append_packet(out, packet);
    return out;
}

jabberd_packet chat(std::string_view body = "<body>hi</body>")
{
    jabberd_packet packet{};
    packet.size = sizeof packet;
    packet.name = view("message");
    packet.to = view("bob@localhost");
    packet.from = view("alice@localhost/x");
    packet.type = view("chat");
    packet.sto = view("77@c2s/ABC");
    packet.sfrom = view("bob@localhost/s");
    packet.body = view(body);
    return packet;
}

TEST(Notice, ReturnsAPacketWithItsTypeHidden)
{
    // The packet of wire-jabberd-1.1.txt, i01.
    const jabberd_packet original = chat();
    const ReturnedPacket returned{original, Undelivered::Disconnected};
    EXPECT_EQ(written(returned.packet()), "<message to='bob@localhost' from='alice@localhost/x' type='error' "
                                          "sto='bob@localhost/s' sfrom='77@c2s/ABC'><body>hi</body>"
                                          "<error code='510' type='chat'>Disconnected</error></message>");
}

TEST(Notice, HidesNoTypeWhereThereWasNone)
{
    jabberd_packet original = chat();
    original.type = {};
    const ReturnedPacket returned{original, Undelivered::Disconnected};
    EXPECT_NE(written(returned.packet()).find("<error code='510'>Disconnected</error>"), std::string::npos);
}

TEST(Notice, FindsWhatAReturnedPacketHides)
{
    const jabberd_packet original = chat("<body>h\xC3\xA9 &amp; &lt;b&gt;</body><x xmlns='jabber:x:delay' stamp='1'/>");
    const ReturnedPacket returned{original, Undelivered::Disconnected};
    const auto hidden = hidden_packet(returned.packet());
    ASSERT_TRUE(hidden);
    EXPECT_EQ(hidden->type, "chat");
    EXPECT_EQ(hidden->body, "<body>h\xC3\xA9 &amp; &lt;b&gt;</body><x xmlns='jabber:x:delay' stamp='1'/>");
}

TEST(Notice, BareNoticeHidesNothing)
{
    const jabberd_packet notice = disconnected_notice("alice@foo.com/r", "7@c2s/1");
    EXPECT_EQ(
        written(notice),
        "<message type='error' sto='alice@foo.com/r' sfrom='7@c2s/1'><error code='510'>Disconnected</error></message>");
    EXPECT_TRUE(is_disconnected(notice));
    EXPECT_FALSE(hidden_packet(notice));
}

TEST(Notice, OnlyADirectErrorChildWithThatCodeIsA510)
{
    EXPECT_TRUE(is_disconnected(chat("<body/><error xmlns='jabber:server' code='510'/>")));
    EXPECT_FALSE(is_disconnected(chat("<body>510</body>")));
    EXPECT_FALSE(is_disconnected(chat("<error code='5100'/>")));
    EXPECT_FALSE(is_disconnected(chat("<x><error code='510'/></x>")));
}

TEST(Notice, WhatCannotBeReadIsNotReturnedForEver)
{
    EXPECT_TRUE(is_disconnected(chat("<error code='510'>")));
    EXPECT_FALSE(is_disconnected(chat("<error code='404'>")));
}

} // namespace
} // namespace jabberd::packet
