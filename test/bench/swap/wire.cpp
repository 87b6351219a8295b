// SPDX-License-Identifier: LGPL-2.1-or-later
#include "swap/wire.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

namespace jabberd::bench {

namespace {

// The server is measured, not its certificate. The BIOs are memory: who cuts a record must hold its bytes.
SSL *new_client()
{
    static const tls::SslCtxPtr ctx{SSL_CTX_new(TLS_client_method())};
    SSL_CTX_set_mode(ctx.get(), SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_min_proto_version(ctx.get(), TLS1_3_VERSION);
    SSL *ssl = SSL_new(ctx.get());
    SSL_set_bio(ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_connect_state(ssl);
    return ssl;
}

} // namespace

Wire::Wire(std::uint16_t port, bool small_window)
    : fd_{socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)}, ssl_{new_client()}
{
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int on = 1, few = 4096;
    setsockopt(fd_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (small_window)
        setsockopt(fd_.get(), SOL_SOCKET, SO_RCVBUF, &few, sizeof few);
    if (connect(fd_.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0 && errno != EINPROGRESS)
        throw std::system_error(errno, std::generic_category(), "connect");
    SSL_do_handshake(ssl_.get());
    ERR_clear_error();
    encrypt();
}

std::string Wire::exporter() const
{
    constexpr std::string_view label = "EXPORTER-Channel-Binding";
    std::string value(32, '\0');
    const auto bytes = reinterpret_cast<unsigned char *>(value.data());
    const int done =
        SSL_export_keying_material(ssl_.get(), bytes, value.size(), label.data(), label.size(), nullptr, 0, 0);
    return done == 1 ? value : "";
}

// What OpenSSL has written to memory.
void Wire::encrypt()
{
    BIO *bio = SSL_get_wbio(ssl_.get());
    const std::size_t size = BIO_ctrl_pending(bio), before = out_.size();
    if (size == 0)
        return;
    out_.resize(before + size);
    BIO_read(bio, out_.data() + before, static_cast<int>(size));
}

void Wire::decrypt()
{
    ERR_clear_error();
    if (!secure() && SSL_do_handshake(ssl_.get()) != 1) {
        if (ERR_peek_error() != 0)
            end_ = End::Broken;
        return encrypt();
    }
    std::array<char, 16384> buffer;
    int size = 0;
    while ((size = SSL_read(ssl_.get(), buffer.data(), static_cast<int>(buffer.size()))) > 0)
        in_.append(buffer.data(), static_cast<std::size_t>(size));
    const int why = SSL_get_error(ssl_.get(), size);
    if (why == SSL_ERROR_ZERO_RETURN)
        end_ = End::Clean;
    else if (why != SSL_ERROR_WANT_READ)
        end_ = End::Broken;
    encrypt();
}

void Wire::say(std::string_view plain)
{
    ERR_clear_error();
    if (SSL_write(ssl_.get(), plain.data(), static_cast<int>(plain.size())) <= 0)
        end_ = End::Broken;
    encrypt();
}

void Wire::let_go()
{
    allowed_ = std::numeric_limits<std::size_t>::max();
    flush();
}

void Wire::flush()
{
    std::size_t done = 0;
    while (const std::size_t size = std::min(out_.size() - done, allowed_)) {
        const ssize_t sent = ::send(fd_.get(), out_.data() + done, size, MSG_NOSIGNAL);
        if (sent < 0)
            break; // full, or not connected yet; if it has ended, reading says so
        done += static_cast<std::size_t>(sent);
        if (allowed_ != std::numeric_limits<std::size_t>::max())
            allowed_ -= static_cast<std::size_t>(sent);
    }
    out_.erase(0, done);
}

void Wire::pump()
{
    flush();
    static std::array<char, 65536> buffer;
    ssize_t size = 0;
    bool any = false;
    while (end_ == End::None && (size = recv(fd_.get(), buffer.data(), buffer.size(), 0)) > 0) {
        BIO_write(SSL_get_rbio(ssl_.get()), buffer.data(), static_cast<int>(size));
        any = true;
    }
    const int problem = errno;
    if (any)
        decrypt();
    if (end_ == End::None && (size == 0 || (size < 0 && problem != EAGAIN && problem != EINTR && problem != ENOTCONN)))
        end_ = End::Broken; // without close_notify
    flush();
}

} // namespace jabberd::bench
