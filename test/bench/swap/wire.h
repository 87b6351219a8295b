// SPDX-License-Identifier: LGPL-2.1-or-later
// A client's socket and its end of TLS 1.3, which can stop sending at any byte.
#pragma once

#include "base/unique_fd.h"
#include "tls/openssl.h"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

namespace jabberd::bench {

class Wire {
public:
    enum class End { None, Clean, Broken }; // Clean: by close_notify

    // Does not block: the listener's backlog may have to wait. With a small window little fits between the two ends.
    Wire(std::uint16_t port, bool small_window);

    int fd() const { return fd_.get(); }
    bool secure() const { return SSL_is_init_finished(ssl_.get()) == 1; }
    bool is_tls_1_3() const { return SSL_version(ssl_.get()) == TLS1_3_VERSION; }
    std::string exporter() const; // RFC 9266
    End end() const { return end_; }

    // Encrypts; flush() sends.
    void say(std::string_view plain);
    std::size_t unsent() const { return out_.size(); }

    // So many bytes more of what is unsent, and no others until let_go().
    void hold_after(std::size_t bytes) { allowed_ = bytes; }
    void let_go();

    // Moves all that can be moved, both ways. Edge-triggered: to be called at each event.
    void pump();
    void flush();
    std::string &heard() { return in_; }
    const std::string &heard() const { return in_; }

private:
    void encrypt();
    void decrypt();

    UniqueFd fd_;
    tls::SslPtr ssl_;
    std::string out_, in_;
    std::size_t allowed_ = std::numeric_limits<std::size_t>::max();
    End end_ = End::None;
};

} // namespace jabberd::bench
