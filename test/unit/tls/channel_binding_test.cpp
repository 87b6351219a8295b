// SPDX-License-Identifier: LGPL-2.1-or-later
// Both ends compute the same; the client's side is OpenSSL's, by the RFCs' words.
#include "tls/ends.h"

namespace jabberd::test {
namespace {

class ChannelBinding : public TlsEnds {
protected:
    tls::ChannelBindings bindings(const Wishes &wishes = {})
    {
        connect(wishes);
        shake();
        EXPECT_TRUE(server->handshake_done()) << server->failure();
        return server->channel_bindings();
    }

    std::string mine; // computed before the client's: arguments have no order

    std::string clients_exporter()
    {
        std::string bytes(32, '\0');
        SSL_export_keying_material(client->ssl(), reinterpret_cast<unsigned char *>(bytes.data()), bytes.size(),
                                   "EXPORTER-Channel-Binding", 24, nullptr, 0, 0);
        return bytes;
    }

    std::string hash_of_certificate(const EVP_MD *hash)
    {
        std::string bytes(EVP_MAX_MD_SIZE, '\0');
        unsigned size = 0;
        X509_digest(SSL_get0_peer_certificate(client->ssl()), hash, reinterpret_cast<unsigned char *>(bytes.data()),
                    &size);
        return bytes.substr(0, size);
    }

    std::string clients_finished()
    {
        std::string bytes(EVP_MAX_MD_SIZE, '\0');
        return bytes.substr(0, SSL_get_finished(client->ssl(), bytes.data(), bytes.size()));
    }
};

TEST_F(ChannelBinding, ExporterIsTheSameAtBothEnds)
{
    mine = bindings().exporter;
    EXPECT_EQ(mine, clients_exporter());
    mine = bindings({.max_version = TLS1_2_VERSION}).exporter;
    EXPECT_EQ(mine, clients_exporter());
    EXPECT_NE(bindings().exporter, bindings().exporter);
}

TEST_F(ChannelBinding, ServerEndPointIsTheCertificatesHash)
{
    mine = bindings().server_end_point;
    EXPECT_EQ(mine, hash_of_certificate(EVP_sha256()));
    EXPECT_EQ(bindings().server_end_point.size(), 32u);
    known = certificates({{.hash = EVP_sha512()}});
    mine = bindings().server_end_point;
    EXPECT_EQ(mine, hash_of_certificate(EVP_sha512()));
    known = certificates({{.key = "RSA", .hash = EVP_sha384()}});
    mine = bindings().server_end_point;
    EXPECT_EQ(mine, hash_of_certificate(EVP_sha384()));
}

TEST_F(ChannelBinding, ServerEndPointIsOfTheCertificateThatSniChose)
{
    known = certificates({Recipe{}, {.names = {"bar.com"}}});
    mine = bindings({.sni = "bar.com"}).server_end_point;
    EXPECT_EQ(mine, hash_of_certificate(EVP_sha256()));
    EXPECT_EQ(client->certificate_name(), "bar.com");
}

TEST_F(ChannelBinding, ServerEndPointOfAWeakHashIsSha256)
{
    // No client would accept such a leaf; that of a root that signed itself is not looked at.
    known = certificates({{.hash = EVP_sha1()}});
    mine = bindings().server_end_point;
    EXPECT_EQ(mine, hash_of_certificate(EVP_sha256()));
}

TEST_F(ChannelBinding, ServerEndPointIsUndefinedForASignatureWithoutAHash)
{
    known = certificates({{.key = "Ed25519"}});
    const auto all = bindings();
    EXPECT_EQ(all.server_end_point, "");
    EXPECT_EQ(all.exporter, clients_exporter());
}

TEST_F(ChannelBinding, UniqueIsTheClientsFinishedWhateverTheVersion)
{
    mine = bindings({.max_version = TLS1_2_VERSION}).unique;
    EXPECT_EQ(mine, clients_finished());
    EXPECT_EQ(mine.size(), 12u);
    // Undefined there, and used by clients all the same.
    mine = bindings().unique;
    EXPECT_EQ(mine, clients_finished());
    EXPECT_EQ(mine.size(), 48u);
}

TEST_F(ChannelBinding, NeedsSecretsThatAreTheConnectionsOwn)
{
    const auto all = bindings({.max_version = TLS1_2_VERSION, .extended_master_secret = false});
    EXPECT_EQ(all.exporter, "");
    EXPECT_EQ(all.unique, "");
    EXPECT_EQ(all.server_end_point, hash_of_certificate(EVP_sha256()));
}

TEST_F(ChannelBinding, ComesWithVersionAndCipher)
{
    bindings();
    EXPECT_EQ(server->version(), "TLSv1.3");
    EXPECT_EQ(server->cipher(), "TLS_AES_256_GCM_SHA384");
}

} // namespace
} // namespace jabberd::test
