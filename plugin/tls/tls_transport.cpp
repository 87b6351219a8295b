// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tls/tls_transport.h"

#include <sys/socket.h>

#include <cassert>
#include <cerrno>
#include <cstring>
#include <utility>

namespace jabberd::tls {

using net::Moved;
using net::Outcome;

namespace {

// Records of the protocol itself, such as key updates, in what one call of the kernel brings: each costs as much as a
// stanza, and no client has a reason for more.
constexpr unsigned most_without_data = 32;

} // namespace

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
    const Moved moved = read_record(into);
    has_unread_ = moved.outcome == Outcome::Progress && SSL_pending(ssl_.get()) > 0;
    return moved;
}

Moved TlsTransport::read_record(std::span<char> into)
{
    return move([&](SSL *ssl, std::size_t &bytes) { return SSL_read_ex(ssl, into.data(), into.size(), &bytes); });
}

// OpenSSL calls the kernel for the header of each record, and for what is in it. For short records that is most of what
// they cost, so one call takes what there is, and SSL reads it from memory. All of it: in SSL neither epoll nor a
// successor would know of it. Both ends of the buffer are used, for what comes out of SSL is never more than what went
// in and a record that had been cut.
Moved TlsTransport::read_all(std::span<char> into, Records &records)
{
    assert(into.size() >= enough_for_records);
    if (has_unread_ || !handshake_done_ || broken_ || owes_close_notify_ || needs_a_call())
        return read(into);
    const std::span<char> room = into.last(read_at_once);
    const ssize_t size = ::recv(fd_.get(), room.data(), room.size(), 0);
    if (size < 0 && errno == EAGAIN)
        return {Outcome::WantRead};
    if (size <= 0)
        return read(into); // for OpenSSL to find the end itself
    const Moved moved = read_lent(into, Records::Lent{records, *ssl_, room.first(static_cast<std::size_t>(size))});
    return moved.outcome == Outcome::WantRead ? read(into) : moved; // the rest of a record may be there
}

Moved TlsTransport::read_lent(std::span<char> into, const Records::Lent &lent)
{
    std::size_t bytes = 0;
    for (unsigned without_data = 0;;) {
        const Moved moved = read_record(into.subspan(bytes));
        Outcome last = moved.outcome;
        bytes += moved.bytes;
        const bool is_end = last != Outcome::Progress && last != Outcome::WantRead && last != Outcome::WantWrite;
        if (lent.left() > 0 && !is_end) {
            without_data += last != Outcome::Progress;
            if (without_data <= most_without_data)
                continue;
            last = refuse("key updates without end").outcome;
        }
        if (bytes == 0)
            return {last};
        has_unread_ = is_end || broken_; // which the next call tells
        return {Outcome::Progress, bytes};
    }
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

Moved TlsTransport::refuse(const char *why)
{
    broken_ = Outcome::Failed;
    failure_ = why;
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

bool TlsTransport::needs_a_call() const
{
    return !broken_ && (SSL_has_pending(ssl_.get()) == 1 || SSL_want_write(ssl_.get()) ||
                        (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0);
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
