// SPDX-License-Identifier: LGPL-2.1-or-later
// What is loaded works; what does not work is refused with its file and its reason.
#include "tls/ends.h"

#include <gmock/gmock.h>

#include <openssl/pem.h>

#include <sys/stat.h>

namespace jabberd::test {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;
using tls::Certificate;

const tls::Date now = std::chrono::system_clock::now();

class Certificates : public testing::Test {
protected:
    std::string write(const std::string &name, const std::string &content, mode_t mode = 0600)
    {
        const std::string path = dir.write(name, content);
        chmod(path.c_str(), mode);
        return path;
    }

    // Why it is refused, without the path of the directory; "" when it is not.
    std::string refusal(const std::string &file, const std::string &key = "")
    {
        try {
            const Certificate certificate{dir.path(file), key.empty() ? key : dir.path(key)};
            return "";
        } catch (const tls::CertificateError &error) {
            std::string text = error.what();
            for (std::size_t at; (at = text.find(dir.path())) != std::string::npos;)
                text.erase(at, dir.path().size());
            EXPECT_EQ(ERR_peek_error(), 0u) << "left for somebody else to find";
            return text;
        }
    }

    std::vector<std::string> warnings(const Recipe &recipe)
    {
        const Pem one = make_pem(recipe);
        return Certificate{write("w.pem", one.certificate + one.key)}.warnings(now);
    }

    TempDir dir;
    const Pem pem = make_pem({.names = {"foo.com", "*.foo.com"}});
};

TEST_F(Certificates, ComeInOneFileOrTwo)
{
    write("both.pem", pem.certificate + pem.key);
    write("other.pem", pem.key + pem.certificate);
    write("c.pem", pem.certificate);
    write("k.pem", pem.key);
    EXPECT_EQ(refusal("both.pem"), "");
    EXPECT_EQ(refusal("other.pem"), "");
    EXPECT_EQ(refusal("c.pem", "k.pem"), "");
    EXPECT_EQ(refusal("both.pem", "both.pem"), "");
}

TEST_F(Certificates, BringTheirChain)
{
    const Pem issuer = make_pem({.names = {}});
    const Certificate certificate{write("chain.pem", pem.certificate + issuer.certificate + pem.key)};
    STACK_OF(X509) *chain = nullptr;
    SSL_CTX_get0_chain_certs(&certificate.ctx(), &chain);
    EXPECT_EQ(sk_X509_num(chain), 1);
}

TEST_F(Certificates, AreDescribed)
{
    const Certificate certificate{write("c.pem", pem.certificate + pem.key)};
    EXPECT_THAT(certificate.names(), ElementsAre("foo.com", "*.foo.com"));
    EXPECT_TRUE(certificate.covers("a.foo.com"));
    EXPECT_FALSE(certificate.covers("a.b.foo.com"));
    EXPECT_FALSE(certificate.covers(""));
    EXPECT_TRUE(certificate.self_signed());
    EXPECT_NEAR(std::chrono::duration<double>(certificate.not_after() - now).count(), 90 * 86400 + 60, 30);
    EXPECT_THAT(certificate.status(now), AllOf(StartsWith("expires 20"), HasSubstr(" (in 90 days), self-signed")));
    EXPECT_THAT(certificate.status(now + 89 * 24h), HasSubstr(" (in 1 day), "));
    EXPECT_THAT(certificate.status(now + 91 * 24h), StartsWith("expired on 20"));
}

TEST_F(Certificates, WithTheKeyOfAnotherAreRefused)
{
    write("foo.pem", pem.certificate);
    write("foo.key", make_pem({}).key);
    EXPECT_EQ(refusal("foo.pem", "foo.key"),
              "the key in foo.key is not that of the certificate in foo.pem, which must be the first in its file");
    write("rsa.key", make_pem({.key = "RSA"}).key);
    EXPECT_THAT(refusal("foo.pem", "rsa.key"), StartsWith("the key in rsa.key is not that"));
}

TEST_F(Certificates, ThatAreMissingAreRefused)
{
    write("foo.pem", pem.certificate);
    EXPECT_EQ(refusal("bar.pem"), "cannot read bar.pem: No such file or directory");
    EXPECT_EQ(refusal("foo.pem", "foo.key"), "cannot read foo.key: No such file or directory");
    EXPECT_THAT(refusal(""), HasSubstr("it is a directory"));
    EXPECT_THAT(refusal("foo.pem"), StartsWith("there is no key in foo.pem"));
    write("only.key", pem.key);
    EXPECT_THAT(refusal("only.key"), StartsWith("there is no certificate in only.key"));
    write("empty.pem", "");
    EXPECT_THAT(refusal("empty.pem"), StartsWith("there is no certificate in empty.pem"));
}

TEST_F(Certificates, ThatAreGarbageAreRefused)
{
    write("garbage.pem", std::string(5000, '\x01'));
    EXPECT_THAT(refusal("garbage.pem"), StartsWith("there is no certificate in garbage.pem"));
    ASSERT_EQ(mkfifo(dir.path("fifo.pem").c_str(), 0600), 0);
    EXPECT_EQ(refusal("fifo.pem"), "cannot read fifo.pem: it is a FIFO; a regular file is needed");
    write("big.pem", std::string((1u << 20) + 1, 'x'));
    EXPECT_EQ(refusal("big.pem"), "cannot read big.pem: File too large");

    std::string damaged = pem.certificate;
    damaged.replace(30, 4, "AAAA");
    write("damaged.pem", damaged + pem.key);
    EXPECT_NE(refusal("damaged.pem"), "");
    write("cut.pem", pem.certificate.substr(0, 200) + "\n" + pem.key);
    EXPECT_THAT(refusal("cut.pem"), HasSubstr("cut.pem"));
    write("chain.pem", pem.certificate + pem.key + damaged.substr(0, 300));
    EXPECT_THAT(refusal("chain.pem"), HasSubstr("chain.pem"));
    std::string damaged_key = pem.key;
    damaged_key.replace(40, 4, "AAAA");
    write("key.pem", pem.certificate + damaged_key);
    EXPECT_THAT(refusal("key.pem"), StartsWith("the key in key.pem is damaged"));
}

TEST_F(Certificates, WithAnEncryptedKeyAreRefusedWithoutAskingForAPassword)
{
    const tls::KeyPtr key{EVP_EC_gen("P-256")};
    const tls::BioPtr encrypted{BIO_new(BIO_s_mem())};
    char password[] = "secret";
    PEM_write_bio_PrivateKey(encrypted.get(), key.get(), EVP_aes_128_cbc(), reinterpret_cast<unsigned char *>(password),
                             6, nullptr, nullptr);
    char *data = nullptr;
    const long size = BIO_get_mem_data(encrypted.get(), &data);
    write("c.pem", pem.certificate + std::string(data, static_cast<std::size_t>(size)));
    EXPECT_THAT(refusal("c.pem"), StartsWith("the key in c.pem is encrypted"));
}

TEST_F(Certificates, WarnBeforeTheyExpireAndAfterwards)
{
    EXPECT_THAT(warnings({.days = 15}), ElementsAre(HasSubstr("self-signed")));
    EXPECT_THAT(warnings({.days = 13}), ElementsAre(HasSubstr("self-signed"), HasSubstr(", in 13 days")));
    EXPECT_THAT(warnings({.days = -3}), ElementsAre(HasSubstr("self-signed"), HasSubstr("w.pem expired on 20")));
}

TEST_F(Certificates, WarnOfAKeyThatOthersCanReadOrChange)
{
    write("c.pem", pem.certificate, 0644);
    for (const mode_t careless : {0644u, 0604u, 0620u, 0602u}) {
        write("k.pem", pem.key, careless);
        EXPECT_THAT((Certificate{dir.path("c.pem"), dir.path("k.pem")}.warnings(now)),
                    ElementsAre(testing::_, HasSubstr("k.pem can be read or changed by others")))
            << std::oct << careless;
    }
    for (const mode_t careful : {0600u, 0640u, 0400u}) {
        write("k.pem", pem.key, careful);
        EXPECT_THAT((Certificate{dir.path("c.pem"), dir.path("k.pem")}.warnings(now)), ElementsAre(testing::_));
    }
}

} // namespace
} // namespace jabberd::test
