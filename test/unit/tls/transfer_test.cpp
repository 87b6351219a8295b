// SPDX-License-Identifier: LGPL-2.1-or-later
// Bytes after the handshake, whole and in order, and how they end.
#include "tls/ends.h"

#include <sys/socket.h>

namespace jabberd::test {
namespace {

using net::Moved;
using net::Outcome;

class TlsTransfer : public TlsEnds {
protected:
    TlsTransfer()
    {
        connect();
        shake();
        EXPECT_TRUE(server->handshake_done());
    }

    static std::string bytes(std::size_t count)
    {
        std::string all(count, '\0');
        unsigned state = 1;
        for (char &c : all)
            c = static_cast<char>((state = state * 1103515245u + 12345u) >> 16);
        return all;
    }

    bool end_of_socket()
    {
        char c;
        return recv(client->fd(), &c, 1, MSG_PEEK) == 0;
    }
};

TEST_F(TlsTransfer, OfMuchWithPartialWritesKeepsEveryByte)
{
    const int little = 4096;
    setsockopt(server->fd(), SOL_SOCKET, SO_SNDBUF, &little, sizeof little);
    const std::string all = bytes(1'000'000);
    std::string left = all, got;
    unsigned blocked = 0;
    while (got.size() < all.size()) {
        const std::string moving = left; // another place for each try, as when a queue grows
        const Moved moved = server->write(moving);
        if (moved.outcome == Outcome::Progress) {
            ASSERT_GT(moved.bytes, 0u);
            left.erase(0, moved.bytes);
            if (!left.empty())
                continue;
        } else {
            ASSERT_EQ(moved.outcome, Outcome::WantWrite);
            EXPECT_EQ(moved.bytes, 0u);
            ++blocked;
        }
        got += client->read();
    }
    EXPECT_TRUE(got == all);
    EXPECT_GT(blocked, 10u);
}

TEST_F(TlsTransfer, OfMuchFromTheClientKeepsEveryByte)
{
    const std::string all = bytes(1'000'000);
    client->write(all);
    std::string got;
    while (got.size() < all.size()) {
        client->flush();
        const std::string some = read_all();
        ASSERT_FALSE(some.empty());
        got += some;
    }
    EXPECT_TRUE(got == all);
}

TEST_F(TlsTransfer, LeavesNothingUnreadThatEpollDoesNotKnowOf)
{
    for (const std::size_t record :
         {std::size_t{1}, std::size_t{100}, std::size_t{5000}, tls::TlsTransport::max_record}) {
        const std::string all = bytes(5 * record);
        for (std::size_t at = 0; at < all.size(); at += record)
            client->write(all.substr(at, record));
        client->flush();
        std::string got;
        while (got.size() < all.size()) {
            const Moved moved = read();
            EXPECT_FALSE(server->has_unread());
            ASSERT_TRUE(moved.outcome == Outcome::Progress || moved.outcome == Outcome::WantRead) << "or it is cut";
            got.append(buffer.data(), moved.bytes);
        }
        EXPECT_TRUE(got == all);
        EXPECT_EQ(read().outcome, Outcome::WantRead);
    }
}

TEST_F(TlsTransfer, ReadsAtOnceWhatCameInSeveralRecords)
{
    for (int i = 0; i < 5; ++i)
        client->write("hello");
    client->flush();
    EXPECT_EQ(read().bytes, 25u);
    EXPECT_EQ(read().outcome, Outcome::WantRead);
}

TEST_F(TlsTransfer, OfRecordsThatAreCutAnywhereKeepsEveryByte)
{
    std::string got;
    for (std::size_t cut = 1; cut < 54; ++cut) { // two records of five bytes
        client->write("hello");
        client->write("world");
        client->flush(cut);
        got += read_all();
        client->flush();
        got += read_all();
        ASSERT_EQ(got, "helloworld") << cut;
        got.clear();
    }
}

TEST_F(TlsTransfer, ReadsWhatIsBehindAKeyUpdate)
{
    client->write("hello");
    client->flush();
    ASSERT_EQ(SSL_key_update(client->ssl(), SSL_KEY_UPDATE_NOT_REQUESTED), 1);
    client->shake();
    client->write("world");
    client->flush();
    EXPECT_EQ(read().bytes, 10u);
}

TEST_F(TlsTransfer, LeavesARecordThatIsCutToWhoTakesItOver)
{
    client->write("hello");
    client->write("world");
    client->flush(40); // one record of five bytes takes 27
    EXPECT_EQ(read().bytes, 5u);
    EXPECT_FALSE(server->has_unread()) << "epoll tells when there is more";
    client->flush();
    std::array<char, 100> small;
    std::size_t count = 0; // as any other program reads
    ASSERT_EQ(SSL_read_ex(server->ssl(), small.data(), small.size(), &count), 1);
    EXPECT_EQ((std::string_view{small.data(), count}), "world");
}

TEST_F(TlsTransfer, ReadsOnWhereAKeyUpdateCannotBeAnsweredYet)
{
    fill(server->fd());
    ASSERT_EQ(SSL_key_update(client->ssl(), SSL_KEY_UPDATE_REQUESTED), 1);
    client->shake();
    client->write("hello");
    client->flush();
    EXPECT_EQ(read_all(), "hello");
}

TEST_F(TlsTransfer, SaysWhatASmallBufferLeavesUnread)
{
    client->write("hello world");
    client->flush();
    std::array<char, 5> small;
    std::string got;
    do {
        const Moved moved = server->read(small);
        ASSERT_EQ(moved.outcome, Outcome::Progress);
        got.append(small.data(), moved.bytes);
    } while (server->has_unread());
    EXPECT_EQ(got, "hello world");
    EXPECT_EQ(server->read(small).outcome, Outcome::WantRead);
}

TEST_F(TlsTransfer, OfNothingIsDoneAtOnce)
{
    EXPECT_EQ(server->write("").outcome, Outcome::Progress);
}

TEST_F(TlsTransfer, EndsCleanlyWithACloseNotify)
{
    client->write("last words");
    SSL_shutdown(client->ssl());
    client->flush();
    EXPECT_EQ(read().bytes, 10u);
    EXPECT_TRUE(server->has_unread()) << "epoll may know of no more";
    EXPECT_TRUE(server->needs_a_call()) << "nor may a successor hear of more";
    EXPECT_EQ(read().outcome, Outcome::CleanEnd);
    EXPECT_FALSE(server->has_unread());
    EXPECT_EQ(read().outcome, Outcome::CleanEnd);
    EXPECT_EQ(server->write("goodbye").outcome, Outcome::Progress) << "writing still works";
    EXPECT_EQ(client->error(), "");
}

TEST_F(TlsTransfer, IsTruncatedWithoutOne)
{
    client->write("last words");
    client->flush();
    shutdown(client->fd(), SHUT_WR);
    EXPECT_EQ(read().bytes, 10u);
    EXPECT_EQ(read().outcome, Outcome::Truncated);
    EXPECT_EQ(read().outcome, Outcome::Truncated);
    EXPECT_EQ(server->failure(), "");
}

TEST_F(TlsTransfer, IsTruncatedInTheMiddleOfARecord)
{
    client->write("last words");
    client->flush(7);
    EXPECT_EQ(read().outcome, Outcome::WantRead);
    client->hang_up();
    EXPECT_EQ(read().outcome, Outcome::Truncated);
}

TEST_F(TlsTransfer, FailsWhenSomebodyChangesABit)
{
    const std::string forged("\x17\x03\x03\x00\x20", 5);
    send(client->fd(), (forged + std::string(32, 'x')).data(), 37, 0);
    EXPECT_EQ(read().outcome, Outcome::Failed);
    EXPECT_EQ(server->failure(), "decryption failed or bad record mac");
}

TEST_F(TlsTransfer, FailsBehindWhatWasRight)
{
    client->write("hello");
    client->flush();
    const std::string forged("\x17\x03\x03\x00\x20", 5);
    send(client->fd(), (forged + std::string(32, 'x')).data(), 37, 0);
    EXPECT_EQ(read().bytes, 5u);
    EXPECT_TRUE(server->has_unread());
    EXPECT_EQ(read().outcome, Outcome::Failed);
    EXPECT_FALSE(server->has_unread());
}

TEST_F(TlsTransfer, TellsTheClientWhenNothingMoreIsWritten)
{
    server->write("last words");
    server->shutdown_write();
    EXPECT_EQ(client->read(), "last words");
    EXPECT_TRUE(client->got_close_notify());
    EXPECT_TRUE(end_of_socket());
    client->write("still here");
    client->flush();
    EXPECT_EQ(read_all(), "still here");
}

TEST_F(TlsTransfer, TellsTheClientAlsoWhenThereIsNoRoomAtFirst)
{
    const std::size_t in_the_way = fill(server->fd());
    server->shutdown_write();
    EXPECT_EQ(drain(client->fd(), in_the_way), in_the_way);
    client->read();
    EXPECT_FALSE(client->got_close_notify());
    EXPECT_FALSE(client->socket_ended()) << "that would be a truncation";
    client->write("still here");
    client->flush();
    EXPECT_EQ(read_all(), "still here");
    client->read();
    EXPECT_TRUE(client->got_close_notify());
    EXPECT_TRUE(end_of_socket());
}

TEST_F(TlsTransfer, BeforeTheHandshakeEndsWithoutACloseNotify)
{
    connect();
    server->shutdown_write();
    EXPECT_TRUE(end_of_socket());
}

} // namespace
} // namespace jabberd::test
