// SPDX-License-Identifier: LGPL-2.1-or-later
// The certificate of the first start.
#include "support/temp_dir.h"
#include "tls/certificate.h"
#include "tls/self_signed.h"

#include <gmock/gmock.h>

#include <openssl/x509v3.h>

#include <sys/stat.h>

#include <iterator>

namespace jabberd::test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

std::string content(const std::string &path)
{
    std::ifstream in{path};
    return {std::istreambuf_iterator<char>{in}, {}};
}

std::string refusal(const std::string &path, const std::string &host)
{
    try {
        tls::make_self_signed(path, host);
        return "";
    } catch (const tls::CertificateError &error) {
        return error.what();
    }
}

TEST(SelfSigned, CertificateIsOfItsHostAndSaysWhatItIs)
{
    const TempDir dir;
    ASSERT_TRUE(tls::make_self_signed(dir.path("a.pem"), "localhost"));
    const tls::Certificate certificate{dir.path("a.pem")};
    EXPECT_THAT(certificate.names(), ElementsAre("localhost"));
    EXPECT_TRUE(certificate.covers("localhost"));
    EXPECT_TRUE(certificate.self_signed());
    X509 *const x509 = SSL_CTX_get0_certificate(&certificate.ctx());
    EXPECT_EQ(X509_verify(x509, X509_get0_pubkey(x509)), 1);
    EXPECT_EQ(X509_check_purpose(x509, X509_PURPOSE_SSL_SERVER, 0), 1);
    EXPECT_EQ(X509_check_ca(x509), 0);
    EXPECT_EQ(X509_get_key_usage(x509), UINT32_MAX) << "NSS refuses one that has any, without asking";
    EXPECT_EQ(certificate.warnings(std::chrono::system_clock::now()).size(), 1u) << "that it signs itself";
    char name[200];
    X509_NAME_oneline(X509_get_subject_name(x509), name, sizeof name);
    EXPECT_THAT(name, AllOf(HasSubstr("SELF-SIGNED, FOR TESTS ONLY"), HasSubstr("CN=localhost")));
}

TEST(SelfSigned, CertificateIsValidSinceYesterdayAndNoLongerThanClientsAllow)
{
    const TempDir dir;
    tls::make_self_signed(dir.path("a.pem"), "localhost");
    const tls::Certificate certificate{dir.path("a.pem")};
    X509 *const x509 = SSL_CTX_get0_certificate(&certificate.ctx());
    int days = 0, seconds = 0;
    ASSERT_EQ(ASN1_TIME_diff(&days, &seconds, X509_get0_notBefore(x509), X509_get0_notAfter(x509)), 1);
    EXPECT_EQ(days, 824);
    EXPECT_LT(X509_cmp_current_time(X509_get0_notBefore(x509)), 0);
}

TEST(SelfSigned, FileIsForUsAloneWhateverTheUmask)
{
    const TempDir dir;
    const mode_t before = umask(0);
    tls::make_self_signed(dir.path("a.pem"), "localhost");
    umask(before);
    struct stat status {};
    ASSERT_EQ(stat(dir.path("a.pem").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777, 0600u);
}

TEST(SelfSigned, FileReplacesNone)
{
    const TempDir dir;
    dir.write("a.pem", "mine");
    EXPECT_FALSE(tls::make_self_signed(dir.path("a.pem"), "localhost"));
    EXPECT_EQ(content(dir.path("a.pem")), "mine");
    EXPECT_TRUE(tls::make_self_signed(dir.path("b.pem"), "localhost"));
    const std::string first = content(dir.path("b.pem"));
    EXPECT_FALSE(tls::make_self_signed(dir.path("b.pem"), "localhost"));
    EXPECT_EQ(content(dir.path("b.pem")), first);
}

TEST(SelfSigned, FileLeavesNothingBehind)
{
    const TempDir dir;
    tls::make_self_signed(dir.path("a.pem"), "localhost");
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator{dir.path()}, {}), 1);
    std::filesystem::create_symlink(dir.path("nowhere"), dir.path("b.pem")); // access() does not see it, link() does
    EXPECT_FALSE(tls::make_self_signed(dir.path("b.pem"), "localhost"));
    EXPECT_FALSE(std::filesystem::exists(dir.path("nowhere")));
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator{dir.path()}, {}), 2);
}

TEST(SelfSigned, CertificateNeedsAHostNameAndAPlace)
{
    const TempDir dir;
    for (const char *host : {"", "a b", "foo.com,DNS:bar.com", "a@b", "a\nb", "*.foo.com"})
        EXPECT_THAT(refusal(dir.path("a.pem"), host), HasSubstr("must be a host name")) << host;
    EXPECT_THAT(refusal(dir.path("missing/a.pem"), "localhost"), HasSubstr("missing/a.pem: No such file or directory"));
    EXPECT_EQ(refusal(dir.path("long.pem"), std::string(63, 'a') + "." + std::string(63, 'b') + ".com"), "");
}

} // namespace
} // namespace jabberd::test
