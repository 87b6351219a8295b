// SPDX-License-Identifier: LGPL-2.1-or-later
// A client's connection, and the one place that waits for all of them.
#pragma once

#include "base/unique_fd.h"
#include "tls/openssl.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace jabberd::bench {

// Does not block. Throws std::system_error when it cannot connect, std::runtime_error when the server closes: nobody
// should in a benchmark.
class Link {
public:
    // From 127.0.0.ADDRESS.
    Link(std::uint16_t port, bool tls, unsigned address);

    int fd() const { return fd_.get(); }
    void send(std::string_view bytes);
    void flush();

    // From now on what is sent is the messages of a WebSocket, one each call, and what arrives is what theirs have in
    // them.
    void begin_messages() { in_messages_ = true; }

    // What has arrived and is not taken yet.
    const std::string &receive();
    void take(std::size_t bytes) { in_.erase(0, bytes); }

private:
    ssize_t write_some();
    ssize_t read_some(std::span<char> into);
    ssize_t outcome(int result) const; // of a TLS call, as of a socket's

    UniqueFd fd_;
    tls::SslPtr ssl_; // null: in the clear
    void take_frames();

    std::string in_, out_;
    bool in_messages_ = false;
    std::string frames_; // that have not come whole
};

class Poller {
public:
    void add(const Link &link, unsigned number);

    // Tells which link can be read or written, until done. Throws std::runtime_error when nothing happens for so long.
    void wait(const std::function<void(unsigned)> &ready, const std::function<bool()> &done,
              std::chrono::seconds patience = std::chrono::seconds{30});

    // The same for a fixed time; returns afterwards.
    void watch(const std::function<void(unsigned)> &ready, std::chrono::seconds time);

    // Once. False: nothing happened.
    bool turn(const std::function<void(unsigned)> &ready, std::chrono::milliseconds patience);

private:
    UniqueFd epoll_{make()};
    static int make();
};

} // namespace jabberd::bench
