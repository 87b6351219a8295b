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
#include "session/session.h"
#include "stream/stream_error.h"
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
//   Opening ──header──▶ Open ──end()──▶ Ending ──all written, peer gone or out of patience──▶ Closed
//      └──────────────────┴──────────────────┴──lost(): nothing can be written any more──────────▶
//
// Every way out of Open that is not the session manager's own 510 tells it by exactly one 510.
class Connection final : private event::Watched, private event::Timer, private xml::Events {
public:
    Connection(Worker &worker, std::unique_ptr<net::Transport> transport, const net::SocketAddress &from);
    ~Connection() override;

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
    bool flush_pending = false; // the worker's mark

private:
    enum class State : std::uint8_t { Opening, Open, Ending, Closed };

    // A session manager is not a client: it may send all it likes, but what it sends must be XML.
    static constexpr xml::Limits from_host{
        .bytes = INT_MAX, .elements = UINT_MAX, .attributes = 10000, .depth = 256, .name_bytes = 10000};

    void on_ready(std::uint32_t epoll_events) override;
    void on_timer() override;
    void on_stream_header(const xml::StreamHeader &header) override;
    void on_stanza(const xml::Stanza &stanza) override;
    void on_stream_end() override;

    bool authenticated() const { return session_ && session_->authenticated(); }
    bool before_login() const { return !authenticated(); }

    // reading
    void read();
    void feed(std::string_view bytes);
    bool recognised(std::string_view first_bytes);
    void throttle();
    void deliver_held(bool also_when_full);

    // writing
    net::OutQueue &queue();
    void receive_readable(const jabberd_packet &packet, const jabberd_packet &readable, bool carries_510);
    void write_to_client(const jabberd_packet &packet, std::string_view sfrom);
    void queued();
    void account();

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
    xml::Parser *feeding_ = nullptr;          // during feed()
    xml::Rules *rules_ = nullptr;             // during feed()

    Time since_, last_read_, last_write_;
    Time give_up_ = never; // Opening, Open: login; Ending: the peer's patience
    Time read_again_;      // throttled until then
    net::TokenBucket byte_rate_, stanza_rate_;

    std::uint64_t bytes_in_ = 0, bytes_out_ = 0, stanzas_in_ = 0, stanzas_out_ = 0;
    std::size_t accounted_ = 0;
    std::uint32_t watched_events_ = 0;
    State state_ = State::Opening;
    bool write_blocked_ = false;
    bool waiting_for_host_ = false;
    bool session_ended_ = false; // by either side: no 510 is owed
};

} // namespace jabberd::connection
