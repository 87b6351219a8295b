// SPDX-License-Identifier: LGPL-2.1-or-later
// What is wrong with a certificate for clients is told at its loading, and in `status`.
#include "tls/ends.h"

#include <gmock/gmock.h>

#include <openssl/x509v3.h>

namespace jabberd::test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using tls::Certificate;

const tls::Date today = std::chrono::system_clock::now();

class CertificateChecks : public testing::Test {
protected:
    // The warnings without those that every certificate of these tests has; each is in the status as well.
    std::vector<std::string> told(const Recipe &recipe, const std::string &chain = "")
    {
        const Pem pem = make_pem(recipe);
        const std::string path = dir.write("c.pem", pem.certificate + chain + pem.key);
        std::filesystem::permissions(path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
        const Certificate certificate{path};
        std::vector<std::string> all = certificate.warnings(today);
        std::erase_if(all, [](const std::string &one) { return one.find("is self-signed") != std::string::npos; });
        const std::string status = certificate.status(today);
        for (const std::string &one : all) {
            const std::string what = one.substr(path.size() + 1);
            EXPECT_THAT(status, HasSubstr(what.substr(0, what.find(';')))) << one;
        }
        return all;
    }

    static Pem authority(const std::string &name, const Pem &issuer = {}, int days = 90, int since = -100)
    {
        return make_pem({.names = {},
                         .days = days,
                         .since = since,
                         .organization = name,
                         .extensions = {{NID_basic_constraints, "critical,CA:TRUE"}},
                         .issuer = issuer});
    }

    TempDir dir;
};

TEST_F(CertificateChecks, AreSilentAboutAGoodOne)
{
    EXPECT_THAT(told({}), IsEmpty());
    EXPECT_THAT(told({.key = "RSA"}), IsEmpty());
    EXPECT_THAT(told({.key = "P-384"}), IsEmpty());
    const Pem root = authority("root"), middle = authority("middle", root);
    EXPECT_THAT(told({.issuer = middle}, middle.certificate), IsEmpty()) << "the root may be left out";
    EXPECT_THAT(told({.issuer = middle}, middle.certificate + root.certificate), IsEmpty());
}

TEST_F(CertificateChecks, TellOfOneThatIsNotYetValid)
{
    EXPECT_THAT(told({.since = 3}), ElementsAre(HasSubstr("c.pem is not valid before 20")));
    EXPECT_THAT(told({.days = -1}), ElementsAre(HasSubstr("c.pem expired on 20")));
}

TEST_F(CertificateChecks, TellOfDatesInTheChain)
{
    const Pem old = authority("old", {}, -2), young = authority("young", {}, 90, 4), soon = authority("soon", {}, 5);
    EXPECT_THAT(told({.issuer = old}, old.certificate),
                ElementsAre(AllOf(HasSubstr("O=old in its chain, which expired on 20"))));
    EXPECT_THAT(told({.issuer = young}, young.certificate),
                ElementsAre(HasSubstr("O=young in its chain, which is not")));
    EXPECT_THAT(told({.issuer = soon}, soon.certificate),
                ElementsAre(HasSubstr("O=soon in its chain, which expires on")));
}

TEST_F(CertificateChecks, TellOfAKeyThatClientsCannotUse)
{
    for (const char *curve : {"secp256k1", "brainpoolP256r1", "brainpoolP384r1", "secp224r1"})
        EXPECT_THAT(told({.key = curve}), ElementsAre(AllOf(HasSubstr(curve), HasSubstr("no client can use"))))
            << curve;
    EXPECT_THAT(told({.key = "Ed25519"}), ElementsAre(HasSubstr("many clients cannot use")));
}

TEST_F(CertificateChecks, TellOfAChainThatDoesNotReachTheCertificate)
{
    const Pem root = authority("root"), middle = authority("middle", root), other = authority("other");
    EXPECT_THAT(told({.issuer = middle}, other.certificate),
                ElementsAre(AllOf(HasSubstr("a chain that breaks off"), HasSubstr("issued by O=middle"),
                                  HasSubstr("that of O=other"))));
    EXPECT_THAT(told({.issuer = middle}, root.certificate + middle.certificate),
                ElementsAre(HasSubstr("a chain out of order")));
    EXPECT_THAT(told({.issuer = middle}, middle.certificate + other.certificate),
                ElementsAre(HasSubstr("its certificate 2 was issued by O=root")));
    EXPECT_THAT(told({.issuer = middle}), ElementsAre(HasSubstr("comes without that of its issuer, O=middle")));
    const Pem namesake = authority("middle", root);
    EXPECT_THAT(told({.issuer = middle}, namesake.certificate), ElementsAre(HasSubstr("a chain that breaks off")))
        << "an issuer of the same name with another key";
}

TEST_F(CertificateChecks, TellOfNamesAndPurposesThatClientsRefuse)
{
    EXPECT_THAT(told({.names = {}}), ElementsAre(HasSubstr("names no host")));
    EXPECT_THAT(told({.extensions = {{NID_ext_key_usage, "clientAuth"}}}),
                ElementsAre(HasSubstr("is not for servers")));
    EXPECT_THAT(told({.extensions = {{NID_ext_key_usage, "serverAuth,clientAuth"}}}), IsEmpty());
    EXPECT_THAT(told({.extensions = {{NID_key_usage, "keyEncipherment"}}}),
                testing::Contains(HasSubstr("may not sign a handshake")));
    const Pem root = authority("root");
    EXPECT_THAT(told({.extensions = {{NID_basic_constraints, "critical,CA:TRUE"}}, .issuer = root}, root.certificate),
                ElementsAre(HasSubstr("begins with the certificate of an authority")));
}

} // namespace
} // namespace jabberd::test
