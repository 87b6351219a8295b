// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tls/tls_transport.h"

#include <sys/socket.h>

#include <cassert>
#include <cerrno>
#include <cstring>

namespace jabberd::tls {

using net::Moved;
using net::Outcome;

// OpenSSL writes with write(2), which raises SIGPIPE at a socket that was reset; MSG_NOSIGNAL would take a BIO of our
// own, whose functions must not survive us (rules.h). Worker::start() blocks all signals in the threads that get here,
// and what is raised by a write stays with the thread that wrote.
TlsTransport::TlsTransport(UniqueFd fd, std::shared_ptr<const Certificates> certificates, std::string_view host_hint,
                           Mode mode, bool http)
    : fd_(std::move(fd)), certificates_(std::move(certificates)), handshake_{certificates_.get(), mode, http}
{
    ssl_.reset(SSL_new(&certificates_->pick(host_hint).ctx()));
    if (!ssl_ || SSL_set_app_data(ssl_.get(), &handshake_) != 1 || SSL_set_fd(ssl_.get(), fd_.get()) != 1) {
        broken_ = Outcome::Failed;
        failure_ = "out of memory";
        return;
    }
    SSL_set_accept_state(ssl_.get());
}

TlsTransport::TlsTransport(UniqueFd fd, SslPtr ssl, std::shared_ptr<const Certificates> certificates, Mode mode,
                           bool http)
    : fd_(std::move(fd))
    , certificates_(std::move(certificates))
    , handshake_{certificates_.get(), mode, http}
    , ssl_(std::move(ssl))
    , handshake_done_(SSL_is_init_finished(ssl_.get()) == 1)
{
}

void TlsTransport::attach()
{
    attach_callbacks(*SSL_get_SSL_CTX(ssl_.get()));
    SSL_set_app_data(ssl_.get(), handshake_done_ ? nullptr : &handshake_);
    if (handshake_done_)
        certificates_.reset();
}

void TlsTransport::relinquish()
{
    fd_.release();
    static_cast<void>(ssl_.release());
    broken_ = Outcome::Failed;
}

TlsTransport::~TlsTransport() = default;

Moved TlsTransport::read(std::span<char> into)
{
    if (owes_close_notify_)
        shutdown_write();
    return move([&](SSL *ssl, std::size_t &bytes) { return SSL_read_ex(ssl, into.data(), into.size(), &bytes); });
}

Moved TlsTransport::write(std::string_view from)
{
    if (from.empty())
        return {Outcome::Progress};
    return move([&](SSL *ssl, std::size_t &bytes) { return SSL_write_ex(ssl, from.data(), from.size(), &bytes); });
}

template <typename Call>
Moved TlsTransport::move(const Call &call)
{
    if (broken_)
        return {*broken_};
    // SSL_get_error() looks at the queue of the thread, where any other user of OpenSSL may have left something.
    ERR_clear_error();
    errno = 0;
    std::size_t bytes = 0;
    const int result = call(ssl_.get(), bytes);
    const int system_error = errno;
    if (!handshake_done_ && SSL_is_init_finished(ssl_.get()) == 1)
        finish_handshake();
    if (result == 1)
        return {Outcome::Progress, bytes};
    switch (const int error = SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ: return {Outcome::WantRead};
    case SSL_ERROR_WANT_WRITE: return {Outcome::WantWrite};
    case SSL_ERROR_ZERO_RETURN: return {Outcome::CleanEnd};
    default: return broken(error, system_error);
    }
}

Moved TlsTransport::broken(int error, int system_error)
{
    const bool end_of_file = ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING;
    const bool gone =
        system_error == 0 || system_error == ECONNRESET || system_error == EPIPE || system_error == ETIMEDOUT;
    const bool truncated = error == SSL_ERROR_SSL ? end_of_file : gone;
    broken_ = truncated ? Outcome::Truncated : Outcome::Failed;
    if (!truncated)
        failure_ = error == SSL_ERROR_SSL ? take_error() : std::strerror(system_error);
    if (const long judgement = SSL_get_verify_result(ssl_.get()); !truncated && judgement != X509_V_OK)
        failure_.append(": ").append(X509_verify_cert_error_string(judgement));
    ERR_clear_error();
    return {*broken_};
}

void TlsTransport::finish_handshake()
{
    handshake_done_ = true;
    SSL_set_app_data(ssl_.get(), nullptr); // there is no second handshake that could ask for it
    certificates_.reset();
}

void TlsTransport::shutdown_write()
{
    owes_close_notify_ = false;
    if (!broken_ && handshake_done_) {
        ERR_clear_error();
        const int result = SSL_shutdown(ssl_.get());
        if (result < 0 && SSL_get_error(ssl_.get(), result) == SSL_ERROR_WANT_WRITE) {
            // The client has not read our last bytes yet. When it has, it answers or closes: then we are here again.
            owes_close_notify_ = true;
            return;
        }
        ERR_clear_error();
    }
    ::shutdown(fd_.get(), SHUT_WR);
}

bool TlsTransport::has_unread() const
{
    return !broken_ && SSL_pending(ssl_.get()) > 0;
}

bool TlsTransport::needs_a_call() const
{
    return !broken_ && (SSL_has_pending(ssl_.get()) == 1 || SSL_want_write(ssl_.get()));
}

std::string TlsTransport::security() const
{
    return handshake_done_ ? version() + " " + cipher() : "TLS handshake";
}

std::string TlsTransport::version() const
{
    return SSL_get_version(ssl_.get());
}

std::string TlsTransport::cipher() const
{
    return SSL_get_cipher_name(ssl_.get());
}

} // namespace jabberd::tls
