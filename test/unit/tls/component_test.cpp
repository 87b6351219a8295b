// SPDX-License-Identifier: LGPL-2.1-or-later
// The whole component on a port for TLS: what its clients see of its certificates. COMPONENT in the environment names
// it.
#include "stub/stub_host.h"
#include "tls/ends.h"

#include <gmock/gmock.h>

#include <openssl/x509v3.h>

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>

namespace jabberd::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// A client that blocks.
class TlsVisitor {
public:
    explicit TlsVisitor(std::uint16_t port)
        : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
        , ctx_(SSL_CTX_new(TLS_client_method()))
        , ssl_(SSL_new(ctx_.get()))
    {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const int on = 1; // otherwise the greeting waits for a delayed acknowledgement of the handshake
        setsockopt(fd_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        const timeval patience{.tv_sec = 10, .tv_usec = 0};
        setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        EXPECT_EQ(::connect(fd_.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address), 0);
        SSL_set_fd(ssl_.get(), fd_.get());
        EXPECT_EQ(SSL_connect(ssl_.get()), 1) << tls::take_error();
    }

    bool has_certificate_of(const char *host) const
    {
        return X509_check_host(SSL_get0_peer_certificate(ssl_.get()), host, 0, 0, nullptr) == 1;
    }

    // Says hello and returns the beginning of the answer.
    std::string greet()
    {
        constexpr char header[] = "<stream:stream to='foo.com' xmlns='jabber:client' "
                                  "xmlns:stream='http://etherx.jabber.org/streams'>";
        SSL_write(ssl_.get(), header, sizeof header - 1);
        std::array<char, 1000> answer;
        const int got = SSL_read(ssl_.get(), answer.data(), answer.size());
        return {answer.data(), static_cast<std::size_t>(std::max(0, got))};
    }

    void reset()
    {
        const linger at_once{1, 0};
        setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        fd_.reset();
    }

private:
    UniqueFd fd_;
    tls::SslCtxPtr ctx_;
    tls::SslPtr ssl_;
};

class TlsComponent : public testing::Test {
protected:
    void SetUp() override
    {
        ASSERT_TRUE(host.create());
        ASSERT_TRUE(host.start());
        const std::string address = host.status("listen").at(0); // "127.0.0.1:4711 (TLS)"
        port = static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
    }

    std::string file(const std::string &name, const Recipe &recipe) const
    {
        const Pem pem = make_pem(recipe);
        return dir.write(name, pem.certificate + pem.key);
    }

    static std::string service(const std::string &listen, const std::string &tls)
    {
        return "<service id='c2s'><c2s xmlns='jabber:config:socket-manager'>\n<threads>2</threads>" + listen + tls +
               "</c2s></service>";
    }
    static std::string service(const std::string &certificate)
    {
        return service("<listen port='0' tls='direct'>127.0.0.1</listen>",
                       "<tls>\n<certificate file='" + certificate + "'/></tls>");
    }

    TempDir dir;
    StubHost host{std::getenv("COMPONENT"), service(file("foo.pem", {}))};
    std::uint16_t port = 0;
};

TEST_F(TlsComponent, ServesItsClients)
{
    TlsVisitor visitor{port};
    EXPECT_TRUE(visitor.has_certificate_of("foo.com"));
    EXPECT_THAT(visitor.greet(), HasSubstr("<stream:stream"));
}

TEST_F(TlsComponent, TellsOfItsCertificates)
{
    EXPECT_THAT(host.status("certificate foo.com"),
                ElementsAre(HasSubstr("(in 90 days), self-signed: for tests only")));
    EXPECT_THAT(host.status("listen"), ElementsAre(testing::EndsWith(" (TLS)")));
}

TEST_F(TlsComponent, GivesNewCertificatesToNewClients)
{
    TlsVisitor old{port};
    ASSERT_TRUE(host.reload(service(file("bar.pem", {.names = {"bar.com"}}))));
    EXPECT_TRUE(TlsVisitor{port}.has_certificate_of("bar.com"));
    EXPECT_THAT(old.greet(), HasSubstr("<stream:stream")) << "the old ones stay";
    EXPECT_THAT(host.status("certificate bar.com"), testing::SizeIs(1));
    EXPECT_THAT(host.status("certificate foo.com"), testing::SizeIs(0));
}

TEST_F(TlsComponent, KeepsItsCertificatesWhenTheNewOnesAreWrong)
{
    while (host.reports.take(Clock::now())) { // of the start
    }
    EXPECT_FALSE(host.reload(service(dir.write("bad.pem", make_pem({}).certificate + make_pem({}).key))));
    const auto report = host.reports.take();
    ASSERT_TRUE(report);
    EXPECT_EQ(report->level, JABBERD_LOG_ERROR);
    EXPECT_EQ(report->line, 3u);
    EXPECT_THAT(report->message, HasSubstr("bad.pem"));
    EXPECT_TRUE(TlsVisitor{port}.has_certificate_of("foo.com"));
}

TEST_F(TlsComponent, KeepsACertificateAsLongAsAPortNeedsOne)
{
    EXPECT_FALSE(host.reload(service("<listen port='0'>127.0.0.1</listen>", "")));
    EXPECT_TRUE(TlsVisitor{port}.has_certificate_of("foo.com"));
}

TEST_F(TlsComponent, SurvivesClientsThatResetWhatItWritesTo)
{
    for (int i = 0; i < 50; ++i) {
        TlsVisitor visitor{port};
        visitor.greet();
        visitor.reset();
    }
    EXPECT_THAT(TlsVisitor{port}.greet(), HasSubstr("<stream:stream"));
}

TEST(TlsConfiguration, ThatCannotWorkIsRefusedAtItsLine)
{
    const TempDir dir;
    const std::pair<std::string, unsigned> wrong[] = {
        {"<tls>\n<certificate file='" + dir.path("missing.pem") + "'/></tls>", 3},
        {"\n\n<tls/>", 4},
    };
    for (const auto &[tls, line] : wrong) {
        StubHost host{std::getenv("COMPONENT"), "<service id='c2s'><c2s xmlns='jabber:config:socket-manager'>\n"
                                                "<listen port='0' tls='direct'>127.0.0.1</listen>" +
                                                    tls + "</c2s></service>"};
        EXPECT_FALSE(host.create());
        const auto report = host.reports.take();
        ASSERT_TRUE(report);
        EXPECT_EQ(report->line, line) << report->message;
    }
}

// For a host that uses select(), of which pthsock_client.so's is one.
TEST_F(TlsComponent, LeavesLowDescriptorsToItsHost)
{
    constexpr int first = 1024; // FD_SETSIZE
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_max < 2 * first)
        GTEST_SKIP() << "this process may have only " << limit.rlim_max << " descriptors";
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    const auto low_descriptors = [&] {
        int count = 0;
        for (int fd = 0; fd < first; ++fd)
            count += ::fcntl(fd, F_GETFD) != -1;
        return count;
    };
    const int before = low_descriptors();
    StubHost high{std::getenv("COMPONENT"), service("<descriptors from='1024'/><listen port='0' tls='direct'>127.0.0.1"
                                                    "</listen>",
                                                    "<tls><certificate file='" + dir.path("foo.pem") + "'/></tls>")};
    ASSERT_TRUE(high.create());
    ASSERT_TRUE(high.start());
    const std::string address = high.status("listen").at(0);
    TlsVisitor visitor{static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)))};
    EXPECT_THAT(visitor.greet(), HasSubstr("<stream:stream"));
    EXPECT_EQ(low_descriptors(), before + 1) << "the visitor's own end";
}

// The certificates of a jabberd 1.4, for a client that sends no SNI.
TEST_F(TlsComponent, ChoosesTheCertificateOfIoByTheAddressThatItsClientCameTo)
{
    const std::string bar = file("bar.pem", {.names = {"bar.com"}});
    for (const auto &[one, other] : {std::pair{"127.0.0.1", "192.0.2.1"}, std::pair{"192.0.2.1", "127.0.0.1"}}) {
        StubHost classic{
            std::getenv("COMPONENT"),
            "<service id='c2s'><c xmlns='jabber:config:pth-csock'><ssl port='0'></ssl></c><io><ssl><key ip='" +
                std::string{one} + "'>" + dir.path("foo.pem") + "</key><key ip='" + other + "'>" + bar +
                "</key></ssl></io></service>"};
        ASSERT_TRUE(classic.create());
        ASSERT_TRUE(classic.start());
        const std::string address = classic.status("listen").at(0);
        const TlsVisitor visitor{static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)))};
        EXPECT_TRUE(visitor.has_certificate_of(one == std::string_view{"127.0.0.1"} ? "foo.com" : "bar.com"));
    }
}

} // namespace
} // namespace jabberd::test
