// SPDX-License-Identifier: LGPL-2.1-or-later
// A swap of the component: its peers notice nothing.
#include "component_stream/connection/snapshot.h"
#include "instance.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace jabberd::test {
namespace {

using namespace component_stream;
using testing::HasSubstr;

const std::string accepting = "<accept><ip>127.0.0.1</ip><port>0</port><secret>secret</secret>"
                              "<host>rooms.localhost</host></accept>\n";

class SwappedComponentStream : public testing::Test {
protected:
    void swap()
    {
        auto next = std::make_unique<Instance>(host, accepting, instance.get());
        ASSERT_TRUE(next->created());
        ASSERT_TRUE(next->succeed(*instance));
        instance = std::move(next);
    }

    RoutesHost host;
    std::unique_ptr<Instance> instance = std::make_unique<Instance>(host, accepting);
};

TEST_F(SwappedComponentStream, GoesOnAtAnyByte)
{
    const std::uint16_t port = instance->port();
    Peer rooms{port};
    EXPECT_EQ(rooms.next(), "<handshake/>");
    const std::string stanza = "<message to='b@localhost' from='a@rooms.localhost'><body>hi</body></message>";
    for (std::size_t cut = 0; cut < stanza.size(); cut += 7) {
        rooms.send(stanza.substr(0, cut));
        swap();
        rooms.send(stanza.substr(cut));
        EXPECT_EQ(host.next(), stanza) << cut;
        EXPECT_EQ(host.handle("<message to='a@rooms.localhost' from='b@localhost/r'/>"), JABBERD_DONE);
        EXPECT_EQ(rooms.next(), "<message from='b@localhost/r' to='a@rooms.localhost'/>");
    }
    EXPECT_EQ(host.claimed(1), std::set<std::string>{"rooms.localhost"});
    EXPECT_TRUE(instance->wait_for_status("stream rooms.localhost", "in 11, out 11,"));
    Peer again{port};
    EXPECT_EQ(again.next(), "<handshake/>") << "the port is open";
}

TEST_F(SwappedComponentStream, LosesNothingThatWaits)
{
    Peer rooms{instance->port(), "rooms.localhost", "secret", 4096};
    EXPECT_EQ(rooms.next(), "<handshake/>");
    const std::string body = "<body>" + std::string(8000, 'x') + "</body>";
    int sent = 0;
    while (host.congestion().empty() && sent < 10000)
        ASSERT_EQ(host.handle("<message id='" + std::to_string(sent++) +
                              "' to='a@rooms.localhost' from='b@localhost'>" + body + "</message>"),
                  JABBERD_DONE);
    swap();
    swap();
    for (int i = 0; i < sent; ++i)
        ASSERT_THAT(rooms.next(), HasSubstr("id='" + std::to_string(i) + "'"));
    EXPECT_EQ(host.congestion().back(), "ready rooms.localhost");
}

TEST_F(SwappedComponentStream, KeepsWhatIsInTheMiddleOfItsHandshake)
{
    Client rooms{instance->port()};
    rooms.send("<stream:stream xmlns:stream='http://etherx.jabber.org/streams' xmlns='jabber:component:accept' "
               "to='rooms.localhost'>");
    const auto header = rooms.receive();
    ASSERT_TRUE(header);
    swap();
    rooms.send("<handshake>" + handshake_of(header->element.attributes.at("id"), "secret") + "</handshake>");
    EXPECT_EQ(host.claimed(1), std::set<std::string>{"rooms.localhost"});
}

TEST_F(SwappedComponentStream, GoesOnWhereTheNewOneCannot)
{
    Peer rooms{instance->port()};
    EXPECT_EQ(rooms.next(), "<handshake/>");
    Instance next{host, std::string{accepting}.replace(accepting.find("127.0.0.1"), 9, "127.0.0.2"), instance.get()};
    EXPECT_FALSE(next.succeed(*instance));
    EXPECT_TRUE(host.wait_for_log("which is not in the configuration; reload first"));
    EXPECT_EQ(host.handle("<message to='a@rooms.localhost' from='b@localhost/r'/>"), JABBERD_DONE);
    EXPECT_EQ(rooms.next(), "<message from='b@localhost/r' to='a@rooms.localhost'/>");
}

InstanceState full_state()
{
    static int ssl = 0;
    InstanceState state;
    state.listeners.push_back({"accept 127.0.0.1:1", 7});
    state.displaced.push_back("connect 127.0.0.1:3");
    ConnectionState &connection = state.connections.emplace_back();
    connection.endpoint = "connect 127.0.0.1:2";
    connection.fd = 8;
    connection.tls = &ssl; // any address: nothing is called there
    connection.peer = "127.0.0.1:2";
    connection.stream = {Stream::State::Open, "id", "name", "<root>", "ns", "<mess", true, true};
    connection.names = {"localhost", "foo.com"};
    connection.claimed = {"localhost"};
    connection.outbox = "<a/><b/>";
    connection.written = 2;
    connection.parts.push_back({0, 4, "<a/>"});
    connection.crossings.push_back({"7@c2s/1", "alice@localhost/home", true});
    auto &known = connection.routes.emplace_back();
    known.connection = "7@c2s/1";
    known.nonce = "n";
    known.wanted = "alice@localhost/home";
    known.accepted = true;
    known.session = {"alice@localhost/1F", "alice@localhost/home"};
    connection.paused_by = {"localhost"};
    connection.in = 1;
    connection.out = 2;
    connection.returned = 3;
    connection.since = 4;
    connection.connecting = true;
    return state;
}

TEST(ComponentStreamSnapshot, IsReadAsItWasWritten)
{
    const Snapshot snapshot{full_state()};
    const auto read = read_snapshot(snapshot.abi());
    ASSERT_TRUE(std::holds_alternative<InstanceState>(read)) << std::get<std::string>(read);
    const Snapshot again{std::get<InstanceState>(read)};
    const std::string_view one{reinterpret_cast<const char *>(snapshot.abi().records), snapshot.abi().record_bytes},
        other{reinterpret_cast<const char *>(again.abi().records), again.abi().record_bytes};
    EXPECT_EQ(one, other);
    ASSERT_EQ(again.abi().descriptor_count, 2u);
    EXPECT_EQ(again.abi().descriptors[0], 7);
    EXPECT_EQ(again.abi().descriptors[1], 8);
    ASSERT_EQ(again.abi().token_count, 1u);
    EXPECT_EQ(again.abi().tokens[0], snapshot.abi().tokens[0]);
}

TEST(ComponentStreamSnapshot, IsRefusedWhereItIsCutOrChanged)
{
    const Snapshot snapshot{full_state()};
    const std::vector<unsigned char> whole{snapshot.abi().records,
                                           snapshot.abi().records + snapshot.abi().record_bytes};
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const std::vector<unsigned char> cut{whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)};
        jabberd_snapshot abi = snapshot.abi();
        abi.records = cut.data();
        abi.record_bytes = cut.size();
        EXPECT_TRUE(std::holds_alternative<std::string>(read_snapshot(abi))) << size;
    }
    std::minstd_rand random{1};
    for (int round = 0; round < 20000; ++round) { // whatever it says, nothing is touched beyond it
        std::vector<unsigned char> changed = whole;
        for (int i = 0; i < 3; ++i)
            changed[random() % changed.size()] = static_cast<unsigned char>(random());
        jabberd_snapshot abi = snapshot.abi();
        abi.records = changed.data();
        read_snapshot(abi);
    }
}

} // namespace
} // namespace jabberd::test
