// SPDX-License-Identifier: LGPL-2.1-or-later
// TLS between two programs: the processes of a cluster, a server and a component.
#pragma once

#include "tls/openssl.h"
#include "tls/tls_transport.h"

#include <memory>
#include <stdexcept>
#include <string>

namespace jabberd::tls {

struct PeerTlsOptions {
    std::string certificate, key; // ours, PEM; key "": in the file of the certificate; certificate "": none is shown
    std::string authority;        // PEM: it has signed the peer's; "": see dial() and listen()
    std::string name;             // of the host that is dialled, which its certificate must have; "": any has it
    int oldest = TLS1_3_VERSION;

    friend bool operator==(const PeerTlsOptions &, const PeerTlsOptions &) = default;
};

// The text names the file and says what is wrong with it.
struct PeerTlsError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// Immutable, thread-safe. Certificates are those of its beginning. What it makes has no address of ours in it: it can
// be handed over to another build as socket and SSL, and needs no attach().
class PeerTls {
public:
    explicit PeerTls(const PeerTlsOptions &options); // throws PeerTlsError

    // The peer's certificate is checked: against the system's authorities where there is none of ours.
    std::unique_ptr<TlsTransport> dial(UniqueFd fd) const;

    // The peer needs a certificate where there is an authority. Ours must be there.
    std::unique_ptr<TlsTransport> listen(UniqueFd fd) const;

private:
    SslPtr make(int fd) const;

    SslCtxPtr ctx_;
    std::string name_;
    bool has_authority_;
};

} // namespace jabberd::tls
