// SPDX-License-Identifier: LGPL-2.1-or-later
#include "upstream/client/snapshot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace jabberd::test {
namespace {

using upstream::ClientState;
using upstream::InstanceState;
using upstream::read_snapshot;
using upstream::Snapshot;

InstanceState full_state(void *token)
{
    ClientState client;
    client.address = "7@c2s/1F-epoch";
    client.host = "foo.com";
    client.from = "alice@foo.com";
    client.lang = "de";
    client.identity = "alice@foo.com/r";
    client.client = "192.0.2.7:40210";
    client.tls = client.plain = client.has_stream_management = client.closed_by_client = true;
    client.phase = 5;
    client.question = "q";
    client.nonce = "n";
    client.resumed = "previous";
    client.pending = {{"id", "alice@foo.com/r", true}, {"", "", false}};
    client.offered = "<sm xmlns='urn:xmpp:sm:3'/>";
    client.waiting = {"<iq/>"};
    client.acks_mode = 4;
    client.delivered = 3;
    client.came_back = 1;
    client.asked = {1, 2};
    client.link = {{7, token, true, true, "<stream>", "<mess", "unwritten"}};
    ClientState least;
    least.address = "8@c2s/20";
    return {"", {client, least}, {{"previous", "alice@foo.com/r"}}};
}

// All that a client has is in its snapshot: what is not would end with the old instance.
TEST(UpstreamSnapshot, KeepsEverything)
{
    int token = 0;
    const Snapshot snapshot{full_state(&token)};
    const auto read = read_snapshot(snapshot.abi());
    ASSERT_TRUE(std::holds_alternative<InstanceState>(read)) << std::get<std::string>(read);
    const Snapshot again{std::get<InstanceState>(read)};
    const auto bytes = [](const Snapshot &one) {
        return std::string{reinterpret_cast<const char *>(one.abi().records), one.abi().record_bytes};
    };
    EXPECT_EQ(bytes(again), bytes(snapshot));
    const ClientState &client = std::get<InstanceState>(read).clients.front();
    EXPECT_EQ(client.link.front().unwritten, "unwritten");
    EXPECT_EQ(client.link.front().tls, &token);
    EXPECT_EQ(client.asked, (std::vector<std::uint32_t>{1, 2}));
    EXPECT_EQ(client.pending.front().session, "alice@foo.com/r");
    EXPECT_EQ(client.offered, "<sm xmlns='urn:xmpp:sm:3'/>");
}

TEST(UpstreamSnapshot, IsRefusedWhereverItIsCutOrChanged)
{
    int token = 0;
    const Snapshot snapshot{full_state(&token)};
    const std::string whole{reinterpret_cast<const char *>(snapshot.abi().records), snapshot.abi().record_bytes};
    const auto read = [&](const std::string &bytes) {
        jabberd_snapshot changed = snapshot.abi();
        changed.records = reinterpret_cast<const unsigned char *>(bytes.data());
        changed.record_bytes = bytes.size();
        return read_snapshot(changed);
    };
    for (std::size_t size = 0; size < whole.size(); ++size)
        ASSERT_TRUE(std::holds_alternative<std::string>(read(whole.substr(0, size)))) << size;
    for (std::size_t at = 0; at < whole.size(); ++at) { // refused or understood, and nothing else happens
        std::string changed = whole;
        changed[at] = static_cast<char>(changed[at] ^ 0x41);
        read(changed);
    }
}

} // namespace
} // namespace jabberd::test
