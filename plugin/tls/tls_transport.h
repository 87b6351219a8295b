// SPDX-License-Identifier: LGPL-2.1-or-later
// A client's bytes inside TLS.
#pragma once

#include "net/transport.h"
#include "tls/certificates.h"
#include "tls/channel_binding.h"
#include "tls/records.h"
#include "tls/rules.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace jabberd::tls {

// The server's end. The handshake happens inside read() and write(), which want the other direction while it needs it:
// wait for what the outcome says, not for what the call is named after. Truncated: no close_notify came, so bytes may
// be missing. After WantRead or WantWrite of a write, the next write begins with the same bytes.
//
// SIGPIPE must be blocked or ignored in the calling thread.
class TlsTransport final : public net::Transport {
public:
    // `host_hint`: whose certificate a client gets that does not ask for one by SNI: the stream's `to`, or "". A
    // StartTls that was told to go on has nothing unread between it and the socket.
    // `http`: clients that come for HTTP are welcome as well (ALPN).
    TlsTransport(UniqueFd fd, std::shared_ptr<const Certificates> certificates, std::string_view host_hint, Mode mode,
                 bool http = false);

    // Goes on where another one, perhaps of another version of this program, has stopped. `certificates` may be null
    // when its handshake is done.
    TlsTransport(UniqueFd fd, SslPtr ssl, std::shared_ptr<const Certificates> certificates, Mode mode,
                 bool http = false);
    void attach();     // makes OpenSSL call us instead of the other one
    void relinquish(); // socket and SSL are another component's now: not closed, not freed
    SSL *ssl() const { return ssl_.get(); }
    Mode mode() const { return handshake_.mode; }

    ~TlsTransport() override;
    TlsTransport(const TlsTransport &) = delete;
    TlsTransport &operator=(const TlsTransport &) = delete;

    net::Moved read(std::span<char> into) override;
    net::Moved write(std::string_view from) override;
    void shutdown_write() override; // close_notify first
    int fd() const override { return fd_.get(); }
    std::string security() const override; // "TLS handshake" before there is any

    bool handshake_done() const { return handshake_done_; }

    // All that one call of the kernel brings, of many records. A record that is cut waits in SSL for its rest.
    // `into`: enough_for_records bytes.
    net::Moved read_all(std::span<char> into, Records &records);
    static constexpr std::size_t max_record = SSL3_RT_MAX_PLAIN_LENGTH, read_at_once = 16384;
    static constexpr std::size_t enough_for_records = read_at_once + SSL3_RT_MAX_ENCRYPTED_LENGTH;

    // Whether there is something to read that epoll does not know of: what found no room, or an end that came behind
    // what was read. Read again.
    bool has_unread() const { return has_unread_; }
    bool needs_a_call() const; // nor of these: bytes of a record that is not whole, or not given away, or not sent

    // Why the last call was Failed, in OpenSSL's words, like "no shared cipher" or "http request"; "" before.
    const std::string &failure() const { return failure_; }

    // Of a finished handshake.
    std::string version() const; // "TLSv1.3"
    std::string cipher() const;  // "TLS_AES_256_GCM_SHA384"
    ChannelBindings channel_bindings() const { return tls::channel_bindings(*ssl_); }

private:
    net::Moved read_record(std::span<char> into);
    net::Moved read_lent(std::span<char> into, const Records::Lent &lent);
    template <typename Call>
    net::Moved move(const Call &call);
    net::Moved broken(int error, int system_error);
    net::Moved refuse(const char *why);
    void finish_handshake();

    UniqueFd fd_;
    std::shared_ptr<const Certificates> certificates_; // until the handshake is done
    Handshake handshake_;
    SslPtr ssl_; // null: there was no memory for it
    std::string failure_;
    std::optional<net::Outcome> broken_; // and OpenSSL is not to be called any more
    bool handshake_done_ = false;
    bool has_unread_ = false;
    bool owes_close_notify_ = false;
};

} // namespace jabberd::tls
