// SPDX-License-Identifier: LGPL-2.1-or-later
#include "component_stream/connection/outbox.h"

#include "base/view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace jabberd::test {
namespace {

using namespace component_stream;

OwnedPacket numbered(const std::string &id)
{
    jabberd_packet packet{};
    packet.size = sizeof packet;
    packet.name = view("message");
    packet.id = view(id);
    return OwnedPacket{packet};
}

std::string ids(const std::deque<OwnedPacket> &packets)
{
    std::string all;
    for (const OwnedPacket &packet : packets)
        all += text(packet.packet().id);
    return all;
}

TEST(Outbox, GivesBackWhatIsNotWhollyWrittenInOrder)
{
    Outbox outbox;
    outbox.append("<handshake/>");
    outbox.append("<a/>", numbered("a"));
    outbox.append("<b/>", numbered("b"));
    outbox.append(" ");
    outbox.append("<c/>", numbered("c"));
    EXPECT_EQ(outbox.wrote(12 + 4).packets, 1u);
    EXPECT_EQ(outbox.wrote(2).packets, 0u);
    EXPECT_EQ(ids(outbox.take_back()), "bc");
    EXPECT_TRUE(outbox.empty());
}

TEST(Outbox, KeepsLastWordsThatThePeerCanRead)
{
    Outbox outbox;
    outbox.append("<a/>", numbered("a"));
    outbox.append("<error/>");
    EXPECT_EQ(ids(outbox.take_back()), "a");
    EXPECT_EQ(outbox.unwritten(), "<error/>");
}

TEST(Outbox, HasNoLastWordsInTheMiddleOfAPacket)
{
    Outbox outbox;
    outbox.append("<a/>", numbered("a"));
    outbox.append("<error/>");
    outbox.wrote(1);
    EXPECT_EQ(ids(outbox.take_back()), "a");
    EXPECT_TRUE(outbox.empty());
}

TEST(Outbox, KeepsWordsWhenAllPacketsAreWritten)
{
    Outbox outbox;
    outbox.append("<a/>", numbered("a"));
    outbox.append("<error/>");
    outbox.wrote(4);
    EXPECT_EQ(ids(outbox.take_back()), "");
    EXPECT_EQ(outbox.unwritten(), "<error/>");
}

TEST(Outbox, KeepsCountOverMuch)
{
    Outbox outbox;
    std::string all;
    for (int i = 0; i < 1000; ++i) {
        const std::string text = "<" + std::string(200, 'x') + std::to_string(i) + "/>";
        outbox.append(text, numbered(std::to_string(i)));
        all += text;
    }
    std::string written;
    std::size_t packets = 0;
    for (std::size_t step = 1; !outbox.empty(); step = step % 977 + 13) {
        const std::string_view part = outbox.unwritten().substr(0, step);
        written += part;
        packets += outbox.wrote(part.size()).packets;
    }
    EXPECT_EQ(written, all);
    EXPECT_EQ(packets, 1000u);
}

} // namespace
} // namespace jabberd::test
