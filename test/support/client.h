// SPDX-License-Identifier: LGPL-2.1-or-later
// A blocking XMPP client: one TCP connection over loopback, in the hands of one test thread.
#pragma once

#include "support/client_tls.h"
#include "support/client_websocket.h"
#include "support/patience.h"
#include "support/stream_reader.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace jabberd::test {

class Client {
public:
    enum class Ending { Open, Closed, Reset }; // what the other side did last: nothing, FIN, RST

    // Connects to 127.0.0.1, from any address of 127/8: limits count addresses. Throws std::system_error.
    explicit Client(std::uint16_t port, const std::string &from = "127.0.0.1",
                    std::optional<int> receive_buffer = std::nullopt);
    ~Client();
    Client(const Client &) = delete;
    Client &operator=(const Client &) = delete;

    // Only the first bytes of a handshake: so much of the ClientHello. begin_tls() goes on from there.
    enum class Hello { Half, Whole };
    void say_hello(Hello how_much);

    // A handshake, and from there on a stream of its own. False: it failed, or time ran out.
    bool begin_tls(const std::string &server_name = {}, Clock::time_point deadline = soon());
    const ClientTls *tls() const { return tls_.get(); }

    // Asks for a WebSocket; from the answer on what comes is its messages. False: it was refused, or time ran out.
    bool begin_websocket(const std::string &path, const std::string &origin, Clock::time_point deadline = soon());
    const ClientWebsocket *websocket() const { return websocket_.get(); }

    // Each element of a text by itself where messages are sent, else the text as it is.
    void say(std::string_view text);

    // How many bytes went out before the deadline, or before the other side closed.
    std::size_t send(std::string_view bytes, Clock::time_point deadline = soon());

    // Half of the record, or frame, that these bytes make. The next send() begins with the other half.
    void send_half(std::string_view bytes);

    // The next header, element or end; nothing when the connection ends first, or time runs out, or what arrives is not
    // XML.
    std::optional<StreamEvent> receive(Clock::time_point deadline = soon());

    // Takes what has already arrived, without waiting.
    void collect();

    // Reads on until the other side has closed.
    Ending wait_for_ending(Clock::time_point deadline = soon());

    void end_tls(); // close_notify: the same inside TLS
    void finish();  // FIN: no more will be sent, but still read
    void close();   // FIN, and RST for whatever else arrives
    void reset();   // RST

    // What is unread.
    void forget()
    {
        reader_ = std::make_unique<StreamReader>();
        messages_.clear();
    }

    bool is_open() const { return fd_ >= 0; }
    Ending ending() const { return ending_; }
    const std::deque<StreamEvent> &unread() { return events(); }
    const std::string &received() const { return received_; } // every byte, out of TLS
    const std::string &error() const
    {
        return websocket_ && !websocket_->error().empty() ? websocket_->error() : reader_->error();
    }

private:
    std::deque<StreamEvent> &events() { return websocket_ ? messages_ : reader_->events(); }
    bool read_once(); // false: nothing there, or over
    void take(std::string_view bytes);
    std::size_t send_wire(std::string_view bytes, Clock::time_point deadline);

    int fd_ = -1;
    Ending ending_ = Ending::Open;
    std::unique_ptr<StreamReader> reader_ = std::make_unique<StreamReader>();
    std::unique_ptr<ClientTls> tls_;
    std::unique_ptr<ClientWebsocket> websocket_;
    std::deque<StreamEvent> messages_; // of it
    std::string received_;
    std::string unsent_;   // the rest of a ClientHello, or of a record
    bool shaking_ = false; // begun by say_hello()
};

} // namespace jabberd::test
