// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/server.h"

#include "base/view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace jabberd::test {
namespace {

using ::testing::HasSubstr;

TEST(Threads, EverySendersMessagesArriveInOrderWhileTheirUserComesAndGoes)
{
    Server server{"<register>yes</register><iterations>4096</iterations><offline max='10000' bytes='100000000'/>"};
    ConnectedClient bob = server.log_in("bob", "work");
    constexpr int senders = 3, count = 200;
    std::vector<ConnectedClient> clients;
    for (int i = 0; i < senders; ++i)
        clients.push_back(server.log_in("user" + std::to_string(i), "r"));

    std::atomic<int> sending = senders;
    std::vector<std::thread> threads;
    for (int i = 0; i < senders; ++i) {
        threads.emplace_back([&, i] {
            for (int n = 0; n < count; ++n)
                clients[static_cast<std::size_t>(i)].sends("<message to='bob@foo.com' id='" + std::to_string(n) +
                                                           "'><body>x</body></message>");
            --sending;
        });
    }
    while (sending > 0) {
        bob.sends("<presence/>");
        bob.sends("<presence type='unavailable'/>");
    }
    for (std::thread &thread : threads)
        thread.join();
    bob.sends("<presence/>");

    std::map<std::string, int> next;
    for (int received = 0; received < senders * count;) {
        const OwnedPacket owned = server.host.next(bob.connection);
        ASSERT_TRUE(owned) << received << " of " << senders * count;
        if (text(owned.packet().name) != "message")
            continue;
        ++received;
        EXPECT_EQ(text(owned.packet().id), std::to_string(next[std::string{text(owned.packet().from)}]++));
    }
}

TEST(Threads, LastPresenceIsTheOneThatStays)
{
    Server server;
    ConnectedClient alice = server.log_in("alice", "home"), bob = server.log_in("bob", "work");
    alice.comes_online();
    bob.comes_online();
    befriend(alice, bob);
    for (int round = 0; round < 30; ++round) {
        std::thread away{[&] { alice.sends("<presence type='unavailable'/>"); }};
        std::thread back{[&] {
            bob.sends("<presence type='unavailable'/>");
            bob.sends("<presence><status>back</status></presence>");
        }};
        away.join();
        back.join();
        // Whatever bob saw last of alice, it is that she has left.
        bob.sends("<message to='bob@foo.com/work'><body>mark</body></message>");
        std::string last, next;
        while (next = bob.gets(), next.find("mark") == std::string::npos) {
            ASSERT_NE(next, "(nothing)");
            if (next.find("from='alice@foo.com/home'") != std::string::npos)
                last = next;
        }
        EXPECT_TRUE(last.empty() || last.find("unavailable") != std::string::npos) << last;
        alice.comes_online();
        while (next = alice.gets(),
               next.find("from='bob@foo.com/work'") == std::string::npos || next.find("back") == std::string::npos)
            ASSERT_NE(next, "(nothing)");
        EXPECT_THAT(bob.gets(), HasSubstr("from='alice@foo.com/home'"));
    }
}

TEST(Threads, LoginsOfOneResourceLeaveOneSession)
{
    Server server;
    server.register_account("alice");
    constexpr int logins = 4;
    std::vector<std::thread> threads;
    for (int i = 0; i < logins; ++i) {
        threads.emplace_back([&, i] {
            server.sends("<iq type='set' id='a' sto='foo.com' sfrom='" + std::to_string(i) +
                         "@c2s/x'><query xmlns='jabber:iq:auth'><username>alice</username>"
                         "<password>secret</password><resource>r</resource></query></iq>");
        });
    }
    for (std::thread &thread : threads)
        thread.join();
    int ended = 0;
    for (int i = 0; i < logins; ++i)
        EXPECT_THAT(server.next(std::to_string(i) + "@c2s/x"), HasSubstr("result"));
    for (int i = 0; i < logins; ++i) { // the one that is left answers, the others heard that they are not
        ConnectedClient client{server, std::to_string(i) + "@c2s/x", "alice@foo.com/r"};
        client.sends("<iq type='get' id='p'><ping xmlns='urn:xmpp:ping'/></iq>");
        ended += client.gets().find("510") != std::string::npos ? 1 : 0;
    }
    EXPECT_EQ(ended, logins - 1);
    EXPECT_THAT(server.status(), HasSubstr("sessions=1"));
}

} // namespace
} // namespace jabberd::test
