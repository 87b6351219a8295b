// SPDX-License-Identifier: LGPL-2.1-or-later
// Who gets through a handshake, who does not, and what is said about it.
#include "tls/ends.h"

#include <gmock/gmock.h>

#include <sys/socket.h>

#include <thread>

namespace jabberd::test {
namespace {

using net::Outcome;
using testing::HasSubstr;

class TlsHandshake : public TlsEnds {};

TEST_F(TlsHandshake, SpeaksTheNewestVersionThatTheClientKnows)
{
    connect();
    EXPECT_EQ(server->security(), "TLS handshake");
    EXPECT_EQ(shake().outcome, Outcome::WantRead);
    EXPECT_TRUE(server->handshake_done());
    EXPECT_EQ(server->security(), "TLSv1.3 TLS_AES_256_GCM_SHA384");
    EXPECT_EQ(server->failure(), "");

    connect({.max_version = TLS1_2_VERSION});
    shake();
    EXPECT_THAT(server->security(), testing::StartsWith("TLSv1.2 ECDHE-ECDSA-"));
}

TEST_F(TlsHandshake, MayComeByteByByte)
{
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        connect({.min_version = version, .max_version = version});
        for (int bytes = 0; bytes < 5000 && !(server->handshake_done() && client->shake()); ++bytes) {
            client->shake();
            client->flush(1);
            EXPECT_EQ(read().outcome, Outcome::WantRead);
            client->fetch();
        }
        EXPECT_TRUE(server->handshake_done());
        client->write("hello");
        client->flush();
        EXPECT_EQ(read_all(), "hello");
    }
}

TEST_F(TlsHandshake, BringsTheFirstStanzaAlong)
{
    connect();
    client->shake();
    client->flush();
    read();
    client->fetch();
    client->shake(); // its Finished, which nobody has sent yet
    client->write("<stream>");
    client->flush();
    EXPECT_EQ(read().bytes, 8u) << "one read for both: epoll would not call again for what is inside";
}

TEST_F(TlsHandshake, OfOldVersionsIsRefused)
{
    for (const int version : {TLS1_VERSION, TLS1_1_VERSION}) {
        connect({.min_version = version, .max_version = version, .ciphers = "ALL:@SECLEVEL=0"});
        EXPECT_EQ(shake().outcome, Outcome::Failed);
        EXPECT_EQ(server->failure(), "unsupported protocol");
        EXPECT_THAT(client->error(), HasSubstr("alert protocol version"));
    }
}

TEST_F(TlsHandshake, WithoutForwardSecrecyIsRefused)
{
    known = certificates({{.key = "RSA"}});
    for (const char *ciphers : {"AES256-GCM-SHA384", "ECDHE-RSA-AES256-SHA384", "DHE-RSA-AES256-GCM-SHA384"}) {
        connect({.max_version = TLS1_2_VERSION, .ciphers = ciphers});
        EXPECT_EQ(shake().outcome, Outcome::Failed) << ciphers;
        EXPECT_EQ(server->failure(), "no shared cipher") << ciphers;
    }
}

TEST_F(TlsHandshake, CompressesNothingAndKeepsNothingForLater)
{
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        connect({.min_version = version, .max_version = version});
        shake();
        ASSERT_TRUE(server->handshake_done());
        client->read(); // tickets of TLS 1.3 would be here
        EXPECT_EQ(SSL_get_current_compression(client->ssl()), nullptr);
        EXPECT_EQ(SSL_SESSION_has_ticket(SSL_get0_session(client->ssl())), 0);
        EXPECT_EQ(SSL_SESSION_is_resumable(SSL_get0_session(client->ssl())), 0);
    }
}

TEST_F(TlsHandshake, HappensOnce)
{
    connect({.max_version = TLS1_2_VERSION});
    shake();
    ASSERT_TRUE(server->handshake_done());
    ASSERT_EQ(SSL_renegotiate(client->ssl()), 1);
    shake();
    EXPECT_EQ(client->error(), "no renegotiation");
}

TEST_F(TlsHandshake, IsNotKeptBusyByKeyUpdates)
{
    connect();
    shake();
    const auto update_keys = [&](int times) {
        for (int i = 0; i < times; ++i) {
            ASSERT_EQ(SSL_key_update(client->ssl(), SSL_KEY_UPDATE_NOT_REQUESTED), 1);
            client->shake();
        }
        client->write("hello");
        client->flush();
    };
    update_keys(30);
    EXPECT_EQ(read_all(), "hello");
    update_keys(100);
    EXPECT_EQ(read().outcome, Outcome::Failed);
    EXPECT_EQ(server->failure(), "key updates without end");
}

TEST_F(TlsHandshake, ThatIsNoneSaysWhatItIs)
{
    const std::pair<const char *, const char *> visitors[] = {
        {"<stream:stream to='foo.com' xmlns='jabber:client'>", "wrong version number"},
        {"GET / HTTP/1.1\r\nHost: foo.com\r\n\r\n", "http request"},
    };
    for (const auto &[words, reason] : visitors) {
        connect();
        ASSERT_GT(send(client->fd(), words, std::string_view{words}.size(), 0), 0);
        EXPECT_EQ(read().outcome, Outcome::Failed);
        EXPECT_EQ(server->failure(), reason);
        EXPECT_EQ(read().outcome, Outcome::Failed) << "and stays so";
        EXPECT_EQ(server->write("x").outcome, Outcome::Failed);
        server->shutdown_write();
    }
}

TEST_F(TlsHandshake, TellsWhyTheClientDoesNotLikeUs)
{
    connect();
    SSL_set_verify(client->ssl(), SSL_VERIFY_PEER, nullptr);
    EXPECT_EQ(shake().outcome, Outcome::Failed);
    EXPECT_THAT(server->failure(), HasSubstr("alert unknown ca"));
}

TEST_F(TlsHandshake, OfSomebodyWhoGoesAwayIsTruncated)
{
    connect();
    client->shake();
    client->flush(100);
    EXPECT_EQ(read().outcome, Outcome::WantRead);
    client->hang_up();
    EXPECT_EQ(read().outcome, Outcome::Truncated);
    EXPECT_EQ(server->failure(), "");
}

TEST_F(TlsHandshake, WantsTheOtherDirectionToo)
{
    connect();
    EXPECT_EQ(server->write("early").outcome, Outcome::WantRead) << "a write that waits for the client's hello";
    const std::size_t in_the_way = fill(server->fd());
    client->shake();
    client->flush();
    EXPECT_EQ(read().outcome, Outcome::WantWrite) << "a read that waits until its answer can go out";
    EXPECT_EQ(drain(client->fd(), in_the_way), in_the_way);
    shake();
    EXPECT_TRUE(server->handshake_done());
}

TEST_F(TlsHandshake, WithAResetSocketRaisesNoSignalInAThreadThatBlocksThem)
{
    // As Worker::start() does it. The default action of SIGPIPE would end the test.
    connect();
    shake();
    ASSERT_TRUE(server->handshake_done());
    client->hang_up();
    sigset_t all, before, pipe;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    const timespec at_once{};
    while (sigtimedwait(&pipe, nullptr, &at_once) == SIGPIPE) { // of other tests
    }
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    std::thread worker{[&] {
        EXPECT_EQ(server->write("x").outcome, Outcome::Truncated);
        server->shutdown_write();
    }};
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    worker.join();
    sigset_t pending;
    sigpending(&pending);
    EXPECT_EQ(sigismember(&pending, SIGPIPE), 0) << "it went with the thread it was for";
}

TEST_F(TlsHandshake, IsFinishedWithTheCertificatesItBeganWith)
{
    connect();
    client->shake();
    client->flush();
    read();
    known = certificates({{.names = {"bar.com"}}}); // reloaded
    shake();
    EXPECT_TRUE(server->handshake_done());
    EXPECT_EQ(client->certificate_name(), "foo.com");
}

} // namespace
} // namespace jabberd::test
