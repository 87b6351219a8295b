// SPDX-License-Identifier: LGPL-2.1-or-later
// One client, under one roof: its socket, the halves that read and write, and the conversation that they carry.
#pragma once

#include "base/slots.h"
#include "connection/conversation.h"
#include "connection/deadlines.h"
#include "connection/incoming.h"
#include "connection/outgoing.h"
#include "connection/socket.h"
#include "connection/surroundings.h"
#include "event/loop.h"
#include "net/socket_address.h"
#include "stream/states.h"
#include "stream/stream_error.h"
#include "xml/parser.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace jabberd::connection {

//   socket ── Socket ──▶ Incoming ──▶ Conversation ──▶ Deliveries ── host
//          (TLS, epoll) ◀── Outgoing ◀──┘
//
// Lives on one event loop and nowhere else. While nothing happens it owns no parser and no buffer. Every way out that
// is not the session manager's own 510 tells it by exactly one 510, if it knows of a login.
class Connection final : private event::Watched, private event::Timer, private xml::Events, private ClientStream {
public:
    // `direct`: TLS from the first byte; there are certificates. The surroundings are borrowed for life.
    Connection(Surroundings &around, UniqueFd fd, const net::SocketAddress &from, bool direct);

    // Goes on with a client of a predecessor: a value that the plugin's decoder has found well-formed. Nothing is read,
    // written or delivered before wake(). Throws std::runtime_error when that cannot be.
    Connection(Surroundings &around, const handover::ConnectionState &state);
    ~Connection() override;

    // While the loop does not run.
    handover::ConnectionState freeze() const;
    void attach() { socket_.attach(); }         // from here on OpenSSL calls us
    void relinquish() { socket_.relinquish(); } // the client is the successor's, or the predecessor's again
    void wake();

    // Begins to read, under the address of that id; a predecessor's client keeps its own. False: the kernel has no room
    // for it.
    bool open(SlotId id, std::string address);
    bool take_over(SlotId id);

    // A packet that names this connection by its sto: Conversation::receive().
    void receive(const jabberd_packet &packet, bool canonical) { conversation_.receive(packet, canonical); }

    // Ends the stream: our error, our closing tag, then the socket. Nothing that the client sent behind this point is
    // looked at.
    void end(const stream::StreamError &error) override;

    // Ends it now, written or not.
    void lost(std::string_view reason);

    void flush();       // writes what is queued, once
    void resume_host(); // the session manager's side has room again

    struct Status {
        std::string_view address, sto;
        const net::SocketAddress &from;
        bool authenticated;
        Time since, last_read;
        std::uint64_t bytes_in, bytes_out, stanzas_in, stanzas_out;
        std::size_t queued;
        std::string security;
    };
    Status status() const;

    SlotId id() const { return id_; }
    const std::string &address() const { return conversation_.address(); }
    bool flush_pending = false; // the owner's mark

private:
    using StreamState = stream::StreamState;

    // How long a client that is over its budget may read nothing. A line of 2 KB a second empties a third of a socket's
    // buffer of 256 KB in this time, and acknowledges much sooner.
    static constexpr Duration patience = std::chrono::seconds{60};

    void on_ready(std::uint32_t epoll_events) override;
    void on_timer() override;
    void on_stream_header(const xml::StreamHeader &header) override;
    void on_stanza(const xml::Stanza &stanza) override;
    void on_stream_end() override { begin_closing("stream closed by the client"); }

    // for the conversation
    Surroundings &around() const override { return around_; }
    StreamState state() const override { return state_; }
    const Socket &socket() const override { return socket_; }
    const net::SocketAddress &from() const override { return from_; }
    void write_header(const xml::StreamHeader &header, std::string_view host, std::string_view id) override;
    void write(std::string_view element) override;
    void write(const jabberd_packet &stanza, std::string_view sfrom) override;
    void use(const xml::Rules &rules) override;
    void wait() override;
    void go_on() override;
    void restart() override;
    void start_tls() override;
    void set_deadline(Deadline which, Time at) override;

    const config::Options &options() const { return *around_.options; }
    bool over() const { return state_ == StreamState::Closing || state_ == StreamState::Disconnected; }

    // reading
    void read();
    bool recognise();
    void begin_tls(tls::Mode mode);
    void feed(std::string_view bytes);
    std::size_t feed_once(std::string_view bytes);
    void expect_rest();
    void throttle();
    bool reads() const;

    // writing
    void queued();
    void charge();
    void account();
    void expect_progress();
    void keep_alive();

    // ending
    void begin_closing(std::string_view reason);
    void close();
    void log_end(std::string_view reason);

    void arm();
    void watch();

    Surroundings &around_;
    const net::SocketAddress from_;
    SlotId id_;
    Socket socket_;
    Incoming incoming_;
    Outgoing outgoing_;
    Deadlines deadlines_;
    Conversation conversation_;
    Time since_;
    std::size_t accounted_ = 0; // of around_.shared.memory
    StreamState state_ = StreamState::WaitForStream;
    bool answer_due_ = false; // the client has sent something behind what must be answered first
    bool host_full_ = false;  // the client is not read from, for the session manager's side is full
};

} // namespace jabberd::connection
