// SPDX-License-Identifier: LGPL-2.1-or-later
// One client: its socket, its stream, its session, and what passes between them.
#pragma once

#include "base/owned_packet.h"
#include "base/slots.h"
#include "event/loop.h"
#include "net/out_queue.h"
#include "net/socket_address.h"
#include "net/token_bucket.h"
#include "net/transport.h"
#include "session/connection_info.h"
#include "session/ending.h"
#include "session/session.h"
#include "stream/stream_error.h"
#include "tls/tls_transport.h"
#include "xml/parser.h"

#include <climits>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace jabberd::connection {

class Worker;

// Lives on one worker's loop and nowhere else. While nothing happens it owns no parser and no buffer.
//
//      ┌◀── SASL success ─┐
//   Opening ──header──▶ Open ──end()──▶ Ending ──all written, peer gone or out of patience──▶ Closed
//      ├◀─ Proceeding ◀─starttls─┤            │
//      └─────────────────────────┴────────────┴──lost(): nothing can be written any more──────▶
//
// Every way out that is not the session manager's own 510 tells it by exactly one 510, if it knows of a login.
class Connection final : private event::Watched, private event::Timer, private xml::Events {
public:
    // `direct`: TLS from the first byte; the worker has certificates.
    Connection(Worker &worker, UniqueFd fd, const net::SocketAddress &from, bool direct);

    // Goes on with a client of a predecessor: a value that the plugin's decoder has found well-formed. Nothing is read,
    // written or delivered before wake(). Throws std::runtime_error when that cannot be.
    Connection(Worker &worker, const handover::ConnectionState &state);
    ~Connection() override;

    // While the worker's thread does not run.
    handover::ConnectionState freeze() const;
    bool take_over(SlotId id); // watches the socket. False: the kernel has no room for it
    void attach();             // from here on OpenSSL calls us
    void relinquish();         // the client is somebody else's now

    void wake();

    // Begins to read. False: the kernel has no room for it.
    bool open(SlotId id, std::string address);

    // A packet that names this connection by its sto. Borrowed. `canonical`: its body is one that we have just written
    // ourselves (passing.h), so it is not read again.
    void receive(const jabberd_packet &packet, bool canonical);

    // Ends the stream: our error, our closing tag, then the socket. Nothing that the client sent behind this point is
    // looked at.
    void end(const stream::StreamError &error);

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
    const std::string &address() const { return session_ ? session_->address() : address_; }
    bool flush_pending = false; // the worker's mark

private:
    enum class State : std::uint8_t {
        Opening,    // until the stream header
        Open,       // elements of the stream
        Proceeding, // until the last plaintext byte, <proceed/>, is written
        Ending,     // until our last words are read
        Closed,
    };

    // A session manager is not a client: it may send all it likes, but what it sends must be XML.
    static constexpr xml::Limits from_host{
        .bytes = INT_MAX, .elements = UINT_MAX, .attributes = 10000, .depth = 256, .name_bytes = 10000};

    void on_ready(std::uint32_t epoll_events) override;
    void on_timer() override;
    void on_stream_header(const xml::StreamHeader &header) override;
    void on_stanza(const xml::Stanza &stanza) override;
    void on_stream_end() override;

    bool authenticated() const { return session_ && session_->authenticated(); }
    bool bound() const { return session_ && session_->bound(); }
    bool secure() const { return tls_ != nullptr; }

    // opening: streams, what they offer, TLS
    void restart_stream();
    void offer_features();
    void ask_features();
    void write_features();
    void assume_iq_auth(std::string_view why);
    void proceed_to_tls();
    void begin_tls(tls::Mode mode);
    bool may_log_in() const;
    bool may_send_plain() const;
    session::ConnectionInfo connection_info() const;
    std::string certificate_name() const;

    // reading
    void read();
    void admit(const xml::Stanza &stanza);
    bool recognised();
    void feed(std::string_view bytes);
    std::size_t feed_once(std::string_view bytes);
    const xml::Limits &stanza_limits() const;
    void read_on();
    void throttle();
    void expect_rest();
    void deliver(session::Outbound outbound);
    void deliver_held(bool also_when_full);

    // writing
    net::OutQueue &queue();
    void receive_readable(const jabberd_packet &packet, const jabberd_packet &readable, bool carries_510);
    void end_for(const session::Ending &ending);
    void logged_in();
    void login_failed();
    void write_to_client(const jabberd_packet &packet, std::string_view sfrom);
    void queued();
    void account();
    void charge();
    bool over_budget() const;
    void expect_progress();
    bool has_read() const;
    Time progress_due() const;
    void look_for_progress();

    // ending
    void begin_ending(std::string_view reason);
    void close();
    void tell_session_manager();
    void return_unwritten();
    void log_end(std::string_view reason);

    void arm();
    void watch();

    Worker &worker_;
    std::unique_ptr<net::Transport> transport_;
    tls::TlsTransport *tls_ = nullptr; // transport_, when it is that
    net::SocketAddress from_;
    SlotId id_;
    SlotId watch_;
    std::string address_; // until the session has it
    std::string stream_id_;
    std::string primer_;                      // empty: the usual one
    std::optional<session::Session> session_; // from the header on
    std::unique_ptr<xml::Parser> parser_;     // while a stanza is unfinished
    std::unique_ptr<net::OutQueue> queue_;    // while anything is unwritten
    std::vector<OwnedPacket> held_;           // while the session manager's side is full
    std::vector<OwnedPacket> early_;          // for the client, while no resource is bound
    std::string unread_;                      // of the client, while an answer is waited for
    std::string unfinished_;                  // what parser_ has read of an element
    xml::Parser *feeding_ = nullptr;          // during feed()
    xml::Rules *rules_ = nullptr;             // during feed()

    Time since_, last_read_, last_write_;
    Time give_up_ = never; // before login: for that; Ending: the peer's patience
    Time answer_by_ = never;
    Time finish_by_ = never; // the stanza, or header, that has begun
    Time read_again_;        // throttled until then
    Time read_by_ = never;   // over its budget: something is to be read until then
    net::TokenBucket byte_rate_, stanza_rate_;

    std::uint64_t bytes_in_ = 0, bytes_out_ = 0, stanzas_in_ = 0, stanzas_out_ = 0;
    std::size_t accounted_ = 0;
    std::uint64_t written_before_ = 0; // when progress was looked for
    std::size_t unacknowledged_before_ = 0;
    std::uint32_t watched_events_ = 0;
    State state_ = State::Opening;
    bool write_blocked_ = false;
    bool read_wants_write_ = false; // TLS, each of these two
    bool write_wants_read_ = false;
    bool paused_ = false; // while an answer is waited for, once there is more to read
    bool waiting_for_host_ = false;
    bool session_ended_ = false; // by either side: no 510 is owed
};

} // namespace jabberd::connection
