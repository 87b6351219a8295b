// SPDX-License-Identifier: LGPL-2.1-or-later
// Socket managers succeed one another while their clients stay, and refuse before they have touched anything.
#include "handover/snapshot.h"
#include "stub/stub_host.h"
#include "support/client.h"
#include "support/packet_from_xml.h"

#include <jabberd/snapshot.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>

namespace jabberd::test {
namespace {

const char service[] = "<service id='c2s'><c2s xmlns='jabber:config:socket-manager'>"
                       "<listen port='0'>127.0.0.1</listen></c2s></service>";
const char header[] =
    "<stream:stream to='foo.com' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";

std::string path_of(const char *variable)
{
    const char *path = std::getenv(variable);
    return path == nullptr ? "" : path;
}

std::string next_packet(StubHost &host)
{
    const auto delivered = host.packets.take();
    return delivered ? delivered->text : "nothing";
}

std::string next_event(Client &client)
{
    const auto event = client.receive();
    return event ? event->text() : "nothing";
}

std::string attribute(const std::string &xml, const std::string &name)
{
    const auto begin = xml.find(" " + name + "='") + name.size() + 3;
    return xml.substr(begin, xml.find('\'', begin) - begin);
}

class Handover : public testing::Test {
protected:
    std::unique_ptr<StubHost> running(const char *variable)
    {
        auto host = std::make_unique<StubHost>(path_of(variable), service);
        EXPECT_TRUE(host->create() && host->start());
        return host;
    }

    std::unique_ptr<StubHost> successor()
    {
        auto host = std::make_unique<StubHost>(path_of("PLAIN"), service);
        host->succeed();
        EXPECT_TRUE(host->create());
        return host;
    }

    // Replaces `host` by a new one. The order is that of handover.h.
    void swap(std::unique_ptr<StubHost> &host)
    {
        auto next = successor();
        const jabberd_snapshot *snapshot = host->freeze();
        ASSERT_NE(snapshot, nullptr);
        ASSERT_TRUE(next->thaw(*snapshot));
        host->commit();
        host = std::move(next);
        ASSERT_TRUE(host->start());
    }

    std::uint16_t port(StubHost &host)
    {
        const std::string address = host.status("listen").at(0);
        return static_cast<std::uint16_t>(std::stoul(address.substr(address.rfind(':') + 1)));
    }

    std::unique_ptr<Client> dial(StubHost &host) { return std::make_unique<Client>(port(host)); }

    std::unique_ptr<Client> open(StubHost &host)
    {
        auto client = dial(host);
        client->send(header);
        EXPECT_NE(next_event(*client), "nothing");
        return client;
    }

    // The question as the host saw it.
    std::string ask(StubHost &host, Client &client)
    {
        client.send("<iq type='set' id='1'><query xmlns='jabber:iq:auth'/></iq>");
        return next_packet(host);
    }

    void give(StubHost &host, const std::string &xml)
    {
        const OwnedPacket packet = packet_from_xml(xml);
        EXPECT_EQ(host.give(packet.packet()), JABBERD_DONE);
    }

    void accept(StubHost &host, const std::string &question, const std::string &session)
    {
        give(host, "<iq type='result' id='" + attribute(question, "id") + "' sto='" + attribute(question, "sfrom") +
                       "' sfrom='" + session + "'/>");
    }
};

TEST_F(Handover, KeepsClientsInEveryState)
{
    auto host = running("PLAIN");
    const auto silent = dial(*host);
    const auto halfway = dial(*host);
    halfway->send("<stream:stream to='foo.com' xmlns='jab");
    const auto unknown = open(*host);
    const auto asking = open(*host);
    const std::string question = ask(*host, *asking);
    const auto alice = open(*host);
    const std::string login = ask(*host, *alice);
    accept(*host, login, "alice@foo.com/r");
    ASSERT_NE(next_event(*alice), "nothing");
    alice->send("<message to='bob@foo.com'><body>begun ");
    (void)open(*host); // what the others have sent has been read by now

    for (int i = 0; i < 3; ++i)
        ASSERT_NO_FATAL_FAILURE(swap(host));

    alice->send("and done</body></message>");
    EXPECT_EQ(next_packet(*host), "<message to='bob@foo.com' sto='alice@foo.com/r' sfrom='" +
                                      attribute(login, "sfrom") + "'><body>begun and done</body></message>");
    accept(*host, question, "carol@foo.com/r");
    EXPECT_EQ(attribute(next_event(*asking), "id"), "1");
    halfway->send("ber:client' xmlns:stream='http://etherx.jabber.org/streams'>");
    EXPECT_NE(next_event(*halfway), "nothing");
    silent->send(header);
    EXPECT_NE(next_event(*silent), "nothing");
    EXPECT_NE(ask(*host, *unknown), "nothing");
    EXPECT_NE(ask(*host, *open(*host)), "nothing");
    alice->close();
    EXPECT_EQ(attribute(next_packet(*host), "sto"), "alice@foo.com/r");
}

TEST_F(Handover, GivesNoAddressTwice)
{
    auto host = running("PLAIN");
    std::string before = attribute(ask(*host, *open(*host)), "sfrom");
    ASSERT_NO_FATAL_FAILURE(swap(host));
    EXPECT_NE(attribute(ask(*host, *open(*host)), "sfrom"), before);
}

TEST_F(Handover, KeepsWhatIsQueued)
{
    auto host = running("PLAIN");
    const auto client = std::make_unique<Client>(port(*host), "127.0.0.1", 4096);
    client->send(header);
    ASSERT_NE(next_event(*client), "nothing");
    const std::string login = ask(*host, *client);
    accept(*host, login, "alice@foo.com/r");
    ASSERT_NE(next_event(*client), "nothing");
    // More than the sockets hold, less than the queue's budget.
    const std::string large(16000, 'x');
    for (int i = 0; i < 30; ++i)
        give(*host, "<message id='" + std::to_string(i) + "' sto='" + attribute(login, "sfrom") +
                        "' sfrom='alice@foo.com'><body>" + large + "</body></message>");
    ASSERT_NO_FATAL_FAILURE(swap(host));
    for (int i = 0; i < 30; ++i)
        ASSERT_EQ(attribute(next_event(*client), "id"), std::to_string(i));
}

TEST_F(Handover, GoesOnWithItsOwnSnapshot)
{
    auto host = running("PLAIN");
    const auto client = open(*host);
    const jabberd_snapshot *snapshot = host->freeze();
    ASSERT_NE(snapshot, nullptr);
    ASSERT_TRUE(host->thaw(*snapshot));
    EXPECT_NE(ask(*host, *client), "nothing");
}

TEST_F(Handover, RefusesWhatItCannotDoAndTouchesNothing)
{
    auto host = running("PLAIN");
    const auto client = open(*host);
    const jabberd_snapshot *snapshot = host->freeze();
    ASSERT_NE(snapshot, nullptr);
    const std::string records{reinterpret_cast<const char *>(snapshot->records), snapshot->record_bytes};
    const auto with = [&](std::uint32_t tag, std::uint32_t value) {
        // In place of the state of the session, which everything can do without.
        const std::uint32_t before[] = {JABBERD_CONNECTION_SESSION, 4, 0}, after[] = {tag, 4, value};
        std::string changed = records;
        const auto at = changed.find(std::string{reinterpret_cast<const char *>(before), sizeof before});
        EXPECT_NE(at, std::string::npos);
        std::memcpy(changed.data() + at, after, sizeof after);
        return changed;
    };
    for (const auto &[tag, value, reason] : {std::tuple{JABBERD_CONNECTION_TLS, 0u, "TLS"},
                                             {JABBERD_CONNECTION_EXCHANGE, 1u, "SASL"},
                                             {JABBERD_CONNECTION_UNREAD, 1u, "wait"},
                                             {JABBERD_CONNECTION_STREAM, 2u, "TLS"},
                                             {JABBERD_CONNECTION_SESSION, 1u, "resource"},
                                             {JABBERD_CONNECTION_OFFERED, 1u, "SASL"},
                                             {0x8000BEEFu, 1u, "must not be skipped"}}) {
        const std::string changed = with(tag, value);
        jabberd_snapshot other = *snapshot;
        other.records = reinterpret_cast<const unsigned char *>(changed.data());
        auto next = successor();
        EXPECT_FALSE(next->thaw(other)) << tag;
        bool logged = false;
        next->log.for_each(
            [&, words = reason](const Logged &l) { logged |= l.message.find(words) != std::string::npos; });
        EXPECT_TRUE(logged) << reason;
    }
    for (std::size_t size = 0; size < records.size(); ++size) {
        jabberd_snapshot cut = *snapshot;
        cut.record_bytes = size;
        ASSERT_FALSE(successor()->thaw(cut)) << size;
    }
    ASSERT_TRUE(host->thaw(*snapshot));
    EXPECT_NE(ask(*host, *client), "nothing");
}

// What the plugin reads with, which shares no code with either.
TEST_F(Handover, IsWrittenAsTheCodecReadsIt)
{
    for (const char *writer : {"PLAIN", "VERSION_1"}) {
        auto host = running(writer);
        const auto client = open(*host);
        const jabberd_snapshot *snapshot = host->freeze();
        ASSERT_NE(snapshot, nullptr);
        const auto read = handover::read_snapshot(*snapshot);
        ASSERT_TRUE(std::holds_alternative<handover::State>(read)) << writer << ": " << std::get<std::string>(read);
        const auto &state = std::get<handover::State>(read);
        ASSERT_EQ(state.connections.size(), 1u);
        EXPECT_EQ(state.connections[0].to, "foo.com");
        EXPECT_EQ(state.connections[0].stream, 1u);
        EXPECT_EQ(state.listeners.at(0).configured, "127.0.0.1:0");
    }
}

TEST_F(Handover, SucceedsWhatTheCodecWrote)
{
    auto host = running("PLAIN");
    const auto client = open(*host);
    const jabberd_snapshot *snapshot = host->freeze();
    ASSERT_NE(snapshot, nullptr);
    const handover::Snapshot copy{std::get<handover::State>(handover::read_snapshot(*snapshot))};
    auto next = successor();
    ASSERT_TRUE(next->thaw(copy.abi()));
    host->commit();
    ASSERT_TRUE(next->start());
    EXPECT_NE(ask(*next, *client), "nothing");
}

TEST_F(Handover, TakesOverFromVersion1)
{
    auto host = running("VERSION_1");
    const auto client = open(*host);
    ASSERT_NO_FATAL_FAILURE(swap(host));
    EXPECT_EQ(next_packet(*host), "<presence sto='fixed@foo.com/v1' sfrom='0@c2s/1a'/>");
    EXPECT_NE(next_event(*client).find("half and half"), std::string::npos);
    client->send(", and done</body></message>");
    EXPECT_EQ(next_packet(*host), "<message to='bob@foo.com' xml:lang='en' sto='fixed@foo.com/v1' sfrom='0@c2s/1a'>"
                                  "<body>begun, and done</body></message>");
    const std::string next = attribute(ask(*host, *open(*host)), "sfrom");
    EXPECT_THAT(next, testing::ContainsRegex("/1000-[0-9a-f]+$")); // the old one knew no epoch
    EXPECT_EQ(host->status("accepted").at(0), "1001");
}

} // namespace
} // namespace jabberd::test
