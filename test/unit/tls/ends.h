// SPDX-License-Identifier: LGPL-2.1-or-later
// The two ends of a TLS connection over a socket pair: our transport, and an OpenSSL client whose bytes the test moves.
#pragma once

#include "support/temp_dir.h"
#include "tls/tls_transport.h"

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace jabberd::test {

struct Pem {
    std::string certificate, key;
};

// A certificate that signs itself, or is signed by another.
struct Recipe {
    std::vector<std::string> names{"foo.com"};
    int days = 90;             // until it expires; negative: since
    const char *key = "P-256"; // or "RSA", "Ed25519", another curve
    const EVP_MD *hash = EVP_sha256();
    int since = -100; // days from now
    std::string organization = "test";
    std::vector<std::pair<int, std::string>> extensions = {}; // {NID_key_usage, "keyCertSign"}
    Pem issuer = {};
};
Pem make_pem(const Recipe &recipe);

struct Wishes {
    int min_version = TLS1_2_VERSION, max_version = TLS1_3_VERSION;
    std::string sni = {};
    std::vector<std::string> alpn = {};
    std::string ciphers = {}; // of TLS 1.2; "": OpenSSL's
    bool extended_master_secret = true;
};

class TlsClient {
public:
    TlsClient(UniqueFd socket, const Wishes &wishes);

    // One go at the handshake; true when it is done. What it says stays here until flush().
    bool shake();
    void write(std::string_view bytes);
    std::string read();                         // all there is
    void flush(std::size_t at_most = SIZE_MAX); // to the socket
    void fetch();                               // from the socket

    SSL *ssl() { return ssl_.get(); }
    int fd() const { return socket_.get(); }
    void hang_up() { socket_.reset(); }
    std::string certificate_name() const; // the first, of the server's
    const std::string &error() const { return error_; }
    bool got_close_notify() const { return (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0; }
    bool socket_ended() const { return socket_ended_; }

private:
    UniqueFd socket_;
    tls::SslCtxPtr ctx_;
    tls::SslPtr ssl_;
    std::string out_, error_;
    bool socket_ended_ = false;
};

// Writes to a socket until it takes no more, and reads what was written: how many bytes.
std::size_t fill(int fd);
std::size_t drain(int fd, std::size_t bytes);

class TlsEnds : public testing::Test {
protected:
    TlsEnds();

    std::shared_ptr<const tls::Certificates> certificates(const std::vector<Recipe> &recipes);
    void connect(const Wishes &wishes = {}, tls::Mode mode = tls::Mode::Direct, std::string_view host_hint = "");

    // Until both ends are done, or nothing moves; what the server's last read said.
    net::Moved shake();
    net::Moved read() { return server->read_all(buffer, records); }
    std::string read_all(); // what the client has sent

    TempDir dir;
    std::shared_ptr<const tls::Certificates> known; // foo.com until the test says otherwise
    bool http = false;                              // what the server answers besides XMPP
    std::unique_ptr<tls::TlsTransport> server;
    std::unique_ptr<TlsClient> client;
    std::array<char, tls::TlsTransport::enough_for_records> buffer{};
    tls::Records records;

private:
    int files_ = 0;
};

} // namespace jabberd::test
