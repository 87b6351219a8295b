// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tls/ends.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <signal.h>
#include <sys/socket.h>

namespace jabberd::test {

using net::Moved;
using net::Outcome;

namespace {

std::string text_of(BIO *bio)
{
    char *data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    return {data, static_cast<std::size_t>(size)};
}

tls::KeyPtr make_key(std::string_view kind)
{
    if (kind == "RSA")
        return tls::KeyPtr{EVP_RSA_gen(2048)};
    if (kind == "Ed25519")
        return tls::KeyPtr{EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")};
    return tls::KeyPtr{EVP_EC_gen(std::string{kind}.c_str())};
}

} // namespace

Pem make_pem(const Recipe &recipe)
{
    const tls::KeyPtr key = make_key(recipe.key);
    const tls::X509Ptr certificate{X509_new()};
    X509_set_version(certificate.get(), X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
    X509_time_adj_ex(X509_getm_notBefore(certificate.get()), recipe.since, 0, nullptr);
    X509_time_adj_ex(X509_getm_notAfter(certificate.get()), recipe.days, 60, nullptr);
    X509_set_pubkey(certificate.get(), key.get());
    X509_NAME *name = X509_get_subject_name(certificate.get());
    X509_NAME_add_entry_by_txt(name, "O", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char *>(recipe.organization.c_str()), -1, -1, 0);
    tls::X509Ptr issuer;
    tls::KeyPtr issuer_key;
    if (!recipe.issuer.certificate.empty()) {
        const auto bio_of = [](const std::string &pem) {
            return tls::BioPtr{BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))};
        };
        issuer.reset(PEM_read_bio_X509(bio_of(recipe.issuer.certificate).get(), nullptr, nullptr, nullptr));
        issuer_key.reset(PEM_read_bio_PrivateKey(bio_of(recipe.issuer.key).get(), nullptr, nullptr, nullptr));
    }
    X509_set_issuer_name(certificate.get(), issuer ? X509_get_subject_name(issuer.get()) : name);
    std::string names;
    for (const std::string &one : recipe.names)
        names += (names.empty() ? "DNS:" : ",DNS:") + one;
    if (!names.empty()) {
        X509_EXTENSION *extension = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, names.c_str());
        X509_add_ext(certificate.get(), extension, -1);
        X509_EXTENSION_free(extension);
    }
    for (const auto &[what, value] : recipe.extensions) {
        X509_EXTENSION *extension = X509V3_EXT_conf_nid(nullptr, nullptr, what, value.c_str());
        X509_add_ext(certificate.get(), extension, -1);
        X509_EXTENSION_free(extension);
    }
    const bool has_hash = std::string_view{recipe.key} != "Ed25519";
    EXPECT_GT(X509_sign(certificate.get(), issuer_key ? issuer_key.get() : key.get(), has_hash ? recipe.hash : nullptr),
              0);
    const tls::BioPtr certificate_pem{BIO_new(BIO_s_mem())}, key_pem{BIO_new(BIO_s_mem())};
    PEM_write_bio_X509(certificate_pem.get(), certificate.get());
    PEM_write_bio_PrivateKey(key_pem.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    return {text_of(certificate_pem.get()), text_of(key_pem.get())};
}

TlsClient::TlsClient(UniqueFd socket, const Wishes &wishes)
    : socket_(std::move(socket)), ctx_(SSL_CTX_new(TLS_client_method()))
{
    SSL_CTX_set_security_level(ctx_.get(), 0); // whatever is refused, it is not we who refuse it
    SSL_CTX_set_min_proto_version(ctx_.get(), wishes.min_version);
    SSL_CTX_set_max_proto_version(ctx_.get(), wishes.max_version);
    SSL_CTX_clear_options(ctx_.get(), SSL_OP_NO_COMPRESSION);
    if (!wishes.extended_master_secret)
        SSL_CTX_set_options(ctx_.get(), SSL_OP_NO_EXTENDED_MASTER_SECRET);
    if (!wishes.ciphers.empty()) {
        EXPECT_EQ(SSL_CTX_set_cipher_list(ctx_.get(), wishes.ciphers.c_str()), 1);
    }
    ssl_.reset(SSL_new(ctx_.get()));
    SSL_set_bio(ssl_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    if (!wishes.sni.empty()) {
        SSL_set_tlsext_host_name(ssl_.get(), wishes.sni.c_str());
    }
    std::string alpn;
    for (const std::string &one : wishes.alpn)
        alpn.append(1, static_cast<char>(one.size())).append(one);
    SSL_set_alpn_protos(ssl_.get(), reinterpret_cast<const unsigned char *>(alpn.data()),
                        static_cast<unsigned>(alpn.size()));
    SSL_set_connect_state(ssl_.get());
}

bool TlsClient::shake()
{
    ERR_clear_error();
    const int result = SSL_do_handshake(ssl_.get());
    if (result != 1 && SSL_get_error(ssl_.get(), result) == SSL_ERROR_SSL && error_.empty())
        error_ = tls::take_error();
    return SSL_is_init_finished(ssl_.get()) == 1;
}

void TlsClient::write(std::string_view bytes)
{
    ERR_clear_error();
    EXPECT_EQ(SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size())), static_cast<int>(bytes.size()));
}

std::string TlsClient::read()
{
    std::string all;
    std::array<char, 4096> some;
    for (;;) {
        fetch();
        ERR_clear_error();
        const int got = SSL_read(ssl_.get(), some.data(), some.size());
        if (got <= 0) {
            if (SSL_get_error(ssl_.get(), got) == SSL_ERROR_SSL && error_.empty())
                error_ = tls::take_error();
            return all;
        }
        all.append(some.data(), static_cast<std::size_t>(got));
    }
}

void TlsClient::flush(std::size_t at_most)
{
    std::array<char, 4096> some;
    for (int got; (got = BIO_read(SSL_get_wbio(ssl_.get()), some.data(), some.size())) > 0;)
        out_.append(some.data(), static_cast<std::size_t>(got));
    const ssize_t sent = ::send(socket_.get(), out_.data(), std::min(at_most, out_.size()), MSG_NOSIGNAL);
    if (sent > 0)
        out_.erase(0, static_cast<std::size_t>(sent));
}

void TlsClient::fetch()
{
    std::array<char, 65536> some;
    const ssize_t got = ::recv(socket_.get(), some.data(), some.size(), 0);
    if (got > 0)
        BIO_write(SSL_get_rbio(ssl_.get()), some.data(), static_cast<int>(got));
    socket_ended_ = socket_ended_ || got == 0;
}

std::string TlsClient::certificate_name() const
{
    const X509 *certificate = SSL_get0_peer_certificate(ssl_.get());
    if (certificate == nullptr)
        return "";
    for (const char *name : {"foo.com", "bar.com", "x.wild.com", "xn--bcher-kva.example"}) {
        if (X509_check_host(const_cast<X509 *>(certificate), name, 0, 0, nullptr) == 1)
            return name;
    }
    return "?";
}

std::size_t fill(int fd)
{
    const std::string junk(1000, 'x');
    std::size_t bytes = 0;
    // A whole one may not fit any more where a short one does.
    for (std::size_t size = junk.size(); size > 0; size /= 2) {
        for (ssize_t sent; (sent = ::send(fd, junk.data(), size, MSG_NOSIGNAL)) > 0;)
            bytes += static_cast<std::size_t>(sent);
    }
    return bytes;
}

std::size_t drain(int fd, std::size_t bytes)
{
    std::string sink(bytes, '\0');
    std::size_t done = 0;
    for (ssize_t got = 1; got > 0 && done < bytes; done += static_cast<std::size_t>(got))
        got = std::max<ssize_t>(0, ::recv(fd, sink.data(), bytes - done, 0));
    return done;
}

TlsEnds::TlsEnds()
{
    sigset_t pipe; // as in a worker's thread
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
    known = certificates({Recipe{}});
}

std::shared_ptr<const tls::Certificates> TlsEnds::certificates(const std::vector<Recipe> &recipes)
{
    std::vector<tls::Certificate> all;
    for (const Recipe &recipe : recipes) {
        const Pem pem = make_pem(recipe);
        all.emplace_back(dir.write(std::to_string(++files_) + ".pem", pem.certificate + pem.key));
    }
    return std::make_shared<const tls::Certificates>(std::move(all));
}

void TlsEnds::connect(const Wishes &wishes, tls::Mode mode, std::string_view host_hint)
{
    std::array<int, 2> ends;
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()), 0);
    client = std::make_unique<TlsClient>(UniqueFd{ends[0]}, wishes);
    server = std::make_unique<tls::TlsTransport>(UniqueFd{ends[1]}, known, host_hint, mode, http);
}

Moved TlsEnds::shake()
{
    Moved last{Outcome::WantRead};
    for (int round = 0; round < 10; ++round) {
        client->shake();
        client->flush();
        last = read();
        client->fetch();
    }
    client->shake();
    return last;
}

std::string TlsEnds::read_all()
{
    std::string all;
    for (Moved moved = read(); moved.outcome == Outcome::Progress; moved = read())
        all.append(buffer.data(), moved.bytes);
    return all;
}

} // namespace jabberd::test
