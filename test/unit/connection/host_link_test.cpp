// SPDX-License-Identifier: LGPL-2.1-or-later
#include "connection/host_link.h"

#include "base/view.h"
#include "packet/notice.h"
#include "xml/packet_text.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

namespace jabberd::connection {
namespace {

// A host that answers what it is told to, and may do something meanwhile.
class HostLinkTest : public testing::Test {
protected:
    HostLinkTest()
    {
        host_.size = sizeof host_;
        host_.host_data = this;
        host_.deliver = [](const jabberd_host *host, const jabberd_packet *packet) {
            auto &self = *static_cast<HostLinkTest *>(host->host_data);
            xml::append_packet(self.delivered_.emplace_back(), *packet);
            self.meanwhile_();
            return self.answer_;
        };
        host_.log = [](const jabberd_host *host, const jabberd_log_record *record) {
            static_cast<HostLinkTest *>(host->host_data)->logged_.emplace_back(text(record->message));
        };
    }

    static jabberd_packet packet()
    {
        jabberd_packet packet{};
        packet.size = sizeof packet;
        packet.name = view("message");
        packet.sto = view("7@c2s/1");
        packet.sfrom = view("alice@foo.com");
        return packet;
    }

    jabberd_host host_{};
    HostLink link_{host_};
    jabberd_delivery answer_ = JABBERD_DELIVERED;
    std::function<void()> meanwhile_ = [] {};
    std::vector<std::string> delivered_, logged_;
};

TEST_F(HostLinkTest, IsFullFromFullToResume)
{
    link_.deliver(packet());
    EXPECT_FALSE(link_.any_full());
    answer_ = JABBERD_FULL;
    link_.deliver(packet());
    EXPECT_TRUE(link_.any_full());
    link_.deliver(packet());
    EXPECT_TRUE(link_.any_full());
    link_.resumed();
    EXPECT_FALSE(link_.any_full());
    link_.deliver(packet());
    EXPECT_TRUE(link_.any_full());
}

TEST_F(HostLinkTest, IsFullForOneSessionManagerAlone)
{
    answer_ = JABBERD_FULL;
    jabberd_packet to_foo = packet(), to_bar = packet();
    to_foo.sto = view("alice@Foo.com/r");
    to_bar.sto = view("bar.com");
    link_.deliver(to_foo);
    EXPECT_TRUE(link_.full("foo.com"));
    EXPECT_FALSE(link_.full("bar.com"));
    link_.deliver(to_bar);
    EXPECT_TRUE(link_.full("bar.com"));
    link_.resumed("FOO.COM");
    EXPECT_FALSE(link_.full("foo.com"));
    EXPECT_TRUE(link_.full("bar.com"));
    link_.resumed();
    EXPECT_FALSE(link_.any_full());
}

TEST_F(HostLinkTest, WhatAPredecessorWasToldHoldsForAllUntilAnyResume)
{
    link_.begin_full({});
    EXPECT_TRUE(link_.full("foo.com"));
    EXPECT_TRUE(link_.full_names().empty());
    link_.resumed("bar.com");
    EXPECT_FALSE(link_.full("foo.com")) << "it asks by delivering";
}

TEST_F(HostLinkTest, WhatAPredecessorWasToldOfOneNameHoldsForThat)
{
    link_.begin_full({"foo.com", "baz.com"});
    EXPECT_TRUE(link_.full("foo.com"));
    EXPECT_FALSE(link_.full("bar.com"));
    link_.resumed("foo.com");
    EXPECT_FALSE(link_.full("foo.com"));
    EXPECT_EQ(link_.full_names(), std::vector<std::string>{"baz.com"});
}

TEST_F(HostLinkTest, AResumeThatOvertakesItsFullIsNotLost)
{
    answer_ = JABBERD_FULL;
    meanwhile_ = [this] { link_.resumed(); };
    link_.deliver(packet());
    EXPECT_FALSE(link_.any_full());
}

TEST_F(HostLinkTest, AFullOfBeforeDoesNotUndoALaterOne)
{
    // The host calls back: inside of a delivery that will be told FULL, a resume and the next FULL.
    answer_ = JABBERD_FULL;
    int depth = 0;
    meanwhile_ = [&] {
        if (depth++ > 0)
            return;
        link_.resumed();
        link_.deliver(packet());
        EXPECT_TRUE(link_.any_full());
    };
    link_.deliver(packet());
    EXPECT_TRUE(link_.any_full());
}

TEST_F(HostLinkTest, ReturnsAPacketAsA510)
{
    jabberd_packet original = packet();
    original.type = view("chat");
    original.body = view("<body>hi</body>");
    link_.return_packet(original);
    EXPECT_EQ(delivered_, std::vector<std::string>{
                              "<message type='error' sto='alice@foo.com' sfrom='7@c2s/1'><body>hi</body><error "
                              "code='510' type='chat'>Disconnected</error></message>"});
}

TEST_F(HostLinkTest, NeverReturnsA510)
{
    jabberd_packet notice = packet();
    notice.body = view("<error code='510'/>");
    link_.return_packet(notice);
    EXPECT_TRUE(delivered_.empty()) << delivered_[0];
}

TEST_F(HostLinkTest, LogsWhatItCannotReturn)
{
    jabberd_packet original = packet();
    original.sfrom = {};
    link_.return_packet(original);
    EXPECT_TRUE(delivered_.empty());
    EXPECT_EQ(logged_.size(), 1u);
}

} // namespace
} // namespace jabberd::connection
