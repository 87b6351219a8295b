// SPDX-License-Identifier: LGPL-2.1-or-later
// One who asks for too much, and others who do not notice.
#include "support/server.h"

#include "base/view.h"
#include "session_manager/storage/database.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include <sys/resource.h>

namespace jabberd::test {
namespace {

using session_manager::Database;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

// Holds the storage thread up, in an answer to somebody else, until it goes.
class HeldStorage {
public:
    explicit HeldStorage(Server &server) : holder_(server.log_in("holder", "r"))
    {
        server.host.on_deliver = [released = release_.get_future().share()](const jabberd_packet &packet) {
            if (text(packet.id) == "slow")
                released.wait();
        };
        holder_.sends("<iq type='get' id='slow'><vCard xmlns='vcard-temp'/></iq>");
        EXPECT_THAT(holder_.gets(), HasSubstr("id='slow'"));
    }
    ~HeldStorage() { release(); }
    HeldStorage(const HeldStorage &) = delete;
    HeldStorage &operator=(const HeldStorage &) = delete;

    void release()
    {
        if (std::exchange(held_, false))
            release_.set_value();
    }

private:
    ConnectedClient holder_;
    std::promise<void> release_;
    bool held_ = true;
};

constexpr std::string_view small_share =
    "<register>yes</register><registrations per-hour='0'/><iterations>4096</iterations>"
    "<work requests='10' bytes='100000'/>";

TEST(Shares, OnlyWhoHasEnoughWaitingIsRefused)
{
    Server server{small_share};
    ConnectedClient mallory = server.log_in("mallory", "home"), alice = server.log_in("alice", "home");
    HeldStorage held{server};
    for (int i = 0; i < 30; ++i)
        EXPECT_EQ(mallory.sends("<iq type='get' id='more'><vCard xmlns='vcard-temp'/></iq>"), JABBERD_DONE);
    for (int i = 0; i < 20; ++i)
        EXPECT_THAT(mallory.gets(), AllOf(HasSubstr("resource-constraint"), HasSubstr("type='wait'")));
    EXPECT_EQ(alice.sends("<iq type='get' id='one'><vCard xmlns='vcard-temp'/></iq>"), JABBERD_DONE);
    held.release();
    EXPECT_THAT(alice.gets(), AllOf(HasSubstr("type='result'"), HasSubstr("id='one'")));
    for (int i = 0; i < 10; ++i)
        EXPECT_THAT(mallory.gets(), HasSubstr("type='result'"));
    EXPECT_TRUE(mallory.is_quiet());
    EXPECT_THAT(server.host.logs(), Contains(AllOf(HasSubstr("a request is refused"), HasSubstr("mallory@foo.com"))));
    EXPECT_THAT(server.status(), HasSubstr("refused: work of a connection=20 "));
}

TEST(Shares, WhatWaitsIsCountedInBytes)
{
    Server server{small_share};
    ConnectedClient mallory = server.log_in("mallory", "home");
    HeldStorage held{server};
    const std::string photo(60'000, 'x');
    for (const char *id : {"first", "second"})
        mallory.sends("<iq type='set' id='" + std::string{id} + "'><vCard xmlns='vcard-temp'><PHOTO>" + photo +
                      "</PHOTO></vCard></iq>");
    EXPECT_THAT(mallory.gets(), AllOf(HasSubstr("id='second'"), HasSubstr("resource-constraint")));
    held.release();
    EXPECT_THAT(mallory.gets(), AllOf(HasSubstr("id='first'"), HasSubstr("type='result'")));
}

TEST(Shares, AMessageThatCannotBeStoredNowIsRefused)
{
    Server server{small_share};
    ConnectedClient mallory = server.log_in("mallory", "home");
    server.register_account("bob");
    HeldStorage held{server};
    for (int i = 0; i < 20; ++i)
        mallory.sends("<message type='chat' to='bob@foo.com' id='" + std::to_string(i) + "'><body>x</body></message>");
    EXPECT_THAT(mallory.gets(), AllOf(HasSubstr("id='10'"), HasSubstr("resource-constraint"), HasSubstr("<body>x")));
    held.release();
}

std::string arrives(Server &server, const std::string &address)
{
    const std::string connection = server.new_connection();
    server.sends("<iq type='get' id='f' sto='foo.com' sfrom='" + connection +
                 "'><query xmlns='jabber:iq:stream-features'><connection xmlns='jabber:socket-manager:connection' "
                 "address='" +
                 address + "' plain='yes'/></query></iq>");
    server.next(connection);
    return connection;
}

void tries(Server &server, const std::string &connection, const std::string &user, const std::string &password)
{
    server.sends("<iq type='set' id='auth' sto='foo.com' sfrom='" + connection +
                 "'><query xmlns='jabber:iq:auth'><username>" + user + "</username><password>" + password +
                 "</password><resource>r</resource></query></iq>");
}

// How many wrong logins were answered while the right one, which came after them, was waiting.
int answered_before(Server &server, const std::vector<std::string> &addresses, int each,
                    const std::function<std::string(int)> &name, const std::string &own_address)
{
    server.register_account("alice");
    std::vector<std::pair<std::string, std::string>> wrong;
    for (const std::string &address : addresses) {
        for (int i = 0; i < each; ++i)
            wrong.emplace_back(arrives(server, address), name(i));
    }
    const std::string own = arrives(server, own_address);
    struct Counts {
        std::atomic<int> answered = 0, before = -1;
    };
    const auto counts = std::make_shared<Counts>(); // as long as a thread may deliver
    server.host.on_deliver = [counts, own](const jabberd_packet &packet) {
        if (text(packet.sto) == own)
            counts->before = counts->answered.load();
        else if (text(packet.type) == "error")
            ++counts->answered;
    };
    for (const auto &[connection, user] : wrong)
        tries(server, connection, user, "wrong");
    const int already = counts->answered;
    tries(server, own, "alice", "secret");
    EXPECT_THAT(server.next(own), HasSubstr("type='result'"));
    for (const auto &[connection, user] : wrong)
        EXPECT_THAT(server.next(connection), HasSubstr("type='error'"));
    return counts->before - already;
}

constexpr int few = 100;

TEST(Shares, WrongLoginsOfOneAddressDoNotKeepARightOneWaiting)
{
    Server server;
    const auto unknown = [](int i) { return "nobody" + std::to_string(i); };
    EXPECT_LT(answered_before(server, {"192.0.2.7"}, 500, unknown, "192.0.2.7"), few);
}

TEST(Shares, WrongLoginsForTheSameAccountDoNotKeepItsOwnerWaiting)
{
    Server server;
    EXPECT_LT(answered_before(
                  server, {"192.0.2.7"}, 500, [](int) { return "alice"; }, "192.0.2.8"),
              few);
}

TEST(Shares, WrongLoginsOfSeveralAddressesDoNotKeepARightOneWaiting)
{
    Server server;
    const auto unknown = [](int i) { return "nobody" + std::to_string(i); };
    EXPECT_LT(answered_before(server, {"192.0.2.7", "192.0.2.9", "2001:db8::1", "2001:db8:0:1::1", "192.0.2.10"}, 100,
                              unknown, "192.0.2.8"),
              few);
}

TEST(Shares, AnAddressThatHasEnoughLoginsWaitingIsTold)
{
    Server server{small_share};
    server.register_account("alice");
    std::vector<std::string> connections;
    for (int i = 0; i < 100; ++i)
        connections.push_back(arrives(server, "2001:db8::" + std::to_string(i)));
    HeldStorage held{server};
    for (const std::string &connection : connections)
        tries(server, connection, "alice", "secret");
    EXPECT_THAT(server.next(connections.back()), HasSubstr("resource-constraint"));
    const std::string other = arrives(server, "192.0.2.8");
    tries(server, other, "alice", "secret");
    held.release();
    EXPECT_THAT(server.next(other), HasSubstr("type='result'"));
    EXPECT_THAT(server.status(), HasSubstr("refused: work of an address=80 "));
}

class WhenTheDatabaseFails : public testing::Test {
protected:
    Server server_;
    ConnectedClient alice_ = server_.log_in("alice", "home"), bob_ = server_.log_in("bob", "work");

    std::string adds(const std::string &contact)
    {
        alice_.sends("<iq type='set' id='add'><query xmlns='jabber:iq:roster'><item jid='" + contact +
                     "'/></query></iq>");
        return alice_.gets();
    }
    std::string roster()
    {
        alice_.sends("<iq type='get' id='roster'><query xmlns='jabber:iq:roster'/></iq>");
        return alice_.gets();
    }
    void expect_chat()
    {
        bob_.sends("<message to='alice@foo.com/home'><body>hi</body></message>");
        EXPECT_THAT(alice_.gets(), HasSubstr("hi"));
    }
};

TEST_F(WhenTheDatabaseFails, ALockedOneRefusesChangesAndChatsGoOn)
{
    {
        Database other{server_.database().string()};
        other.execute("BEGIN IMMEDIATE");
        alice_.sends("<iq type='set' id='add'><query xmlns='jabber:iq:roster'><item jid='x@y'/></query></iq>");
        bob_.sends("<message to='alice@foo.com/home'><body>while it waits</body></message>");
        EXPECT_THAT(alice_.gets(), HasSubstr("while it waits"));
        EXPECT_THAT(alice_.gets(), AllOf(HasSubstr("id='add'"), HasSubstr("resource-constraint")));
        bob_.sends("<presence type='subscribe' to='z@elsewhere.net'/>");
        EXPECT_THAT(bob_.gets(), AllOf(HasSubstr("type='error'"), HasSubstr("resource-constraint")));
        expect_chat();
    }
    EXPECT_THAT(roster(), Not(HasSubstr("x@y")));
    EXPECT_THAT(adds("x@y"), HasSubstr("jid='x@y'"));
    EXPECT_THAT(alice_.gets(), HasSubstr("type='result'"));
    EXPECT_THAT(roster(), HasSubstr("x@y"));
}

// No file may grow from now on, as on a full disk.
class FullDisk {
public:
    explicit FullDisk(const std::filesystem::path &database)
    {
        former_handler_ = std::signal(SIGXFSZ, SIG_IGN);
        getrlimit(RLIMIT_FSIZE, &former_);
        auto log = database;
        log += "-wal";
        const rlimit now{std::filesystem::file_size(log), former_.rlim_max};
        setrlimit(RLIMIT_FSIZE, &now);
    }
    ~FullDisk()
    {
        setrlimit(RLIMIT_FSIZE, &former_);
        std::signal(SIGXFSZ, former_handler_);
    }
    FullDisk(const FullDisk &) = delete;
    FullDisk &operator=(const FullDisk &) = delete;

private:
    rlimit former_{};
    void (*former_handler_)(int) = nullptr;
};

TEST_F(WhenTheDatabaseFails, NothingIsAcknowledgedOnAFullDisk)
{
    roster();
    EXPECT_THAT(adds("before@y"), HasSubstr("before@y"));
    EXPECT_THAT(alice_.gets(), HasSubstr("type='result'"));
    {
        const FullDisk full{server_.database()};
        EXPECT_THAT(adds("after@y"), AllOf(HasSubstr("id='add'"), HasSubstr("resource-constraint")));
        alice_.sends("<iq type='set' id='rm'><query xmlns='jabber:iq:register'><remove/></query></iq>");
        EXPECT_THAT(alice_.gets(), AllOf(HasSubstr("id='rm'"), HasSubstr("resource-constraint")));
        alice_.sends("<iq type='set' id='v'><vCard xmlns='vcard-temp'><FN>A</FN></vCard></iq>");
        EXPECT_THAT(alice_.gets(), AllOf(HasSubstr("id='v'"), HasSubstr("resource-constraint")));
        alice_.sends("<iq type='set' id='p'><query xmlns='jabber:iq:register'><username>alice</username>"
                     "<password>another</password></query></iq>");
        EXPECT_THAT(alice_.gets(), AllOf(HasSubstr("id='p'"), HasSubstr("resource-constraint")));
        alice_.sends("<message type='chat' to='bob@foo.com' id='m'><body>offline</body></message>");
        EXPECT_THAT(alice_.gets(), AllOf(HasSubstr("id='m'"), HasSubstr("resource-constraint")));
        const std::string stranger = server_.new_connection();
        server_.sends(
            "<iq type='set' id='reg' sto='foo.com' sfrom='" + stranger +
            "'><query xmlns='jabber:iq:register'><username>new</username><password>x</password></query></iq>");
        EXPECT_THAT(server_.next(stranger), HasSubstr("resource-constraint"));
        EXPECT_THAT(roster(), AllOf(HasSubstr("before@y"), Not(HasSubstr("after@y"))));
    }
    server_.restart();
    ConnectedClient again = server_.log_in("alice", "home"); // with the old password
    again.sends("<iq type='get' id='roster'><query xmlns='jabber:iq:roster'/></iq>");
    EXPECT_THAT(again.gets(), AllOf(HasSubstr("before@y"), Not(HasSubstr("after@y"))));
}

TEST_F(WhenTheDatabaseFails, WhatFollowsAChangeWaitsForIt)
{
    bob_.sends("<iq type='get' id='r'><query xmlns='jabber:iq:roster'/></iq>");
    bob_.gets();
    HeldStorage held{server_};
    bob_.sends("<presence type='subscribe' to='x@elsewhere.net' id='1'/>");
    bob_.sends("<message to='x@elsewhere.net' id='2'><body>hi</body></message>");
    bob_.sends("<presence type='unsubscribe' to='x@elsewhere.net' id='3'/>");
    bob_.sends("<message to='x@elsewhere.net' id='4'><body>hi</body></message>");
    bob_.sends("<message to='alice@foo.com/home'><body>to another</body></message>");
    EXPECT_THAT(alice_.gets(), HasSubstr("to another"));
    held.release();
    for (const char *id : {"id='1'", "id='2'", "id='3'", "id='4'"})
        EXPECT_THAT(server_.next(), HasSubstr(id));
}

} // namespace
} // namespace jabberd::test
