// SPDX-License-Identifier: LGPL-2.1-or-later
// A client's end of TLS, in memory: who moves the bytes is somebody else.
#pragma once

#include <memory>
#include <string>
#include <string_view>

struct ssl_st;

namespace jabberd::test {

class ClientTls {
public:
    explicit ClientTls(const std::string &server_name = {}); // SNI; "" for none
    ~ClientTls();
    ClientTls(const ClientTls &) = delete;
    ClientTls &operator=(const ClientTls &) = delete;

    // One step of the handshake. True when it is done.
    bool shake();
    bool failed() const { return failed_; }

    void arrived(std::string_view wire);
    std::string take_wire(); // what is to be sent now

    void write(std::string_view plain);
    std::string read(); // all that can be read now

    void close();            // close_notify
    bool was_closed() const; // by the other end's

    std::string exporter() const; // RFC 9266
    std::string certificate_name() const;

private:
    std::unique_ptr<ssl_st, void (*)(ssl_st *)> ssl_;
    bool failed_ = false;
};

} // namespace jabberd::test
