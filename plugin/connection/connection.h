// SPDX-License-Identifier: LGPL-2.1-or-later
// One client, under one roof: its socket, the halves that read and write, and the conversation that they carry.
#pragma once

#include "base/slots.h"
#include "connection/conversation.h"
#include "connection/deadlines.h"
#include "connection/inactivity.h"
#include "connection/incoming.h"
#include "connection/management.h"
#include "connection/messages.h"
#include "connection/outgoing.h"
#include "connection/resumption.h"
#include "connection/socket.h"
#include "connection/status.h"
#include "connection/surroundings.h"
#include "event/loop.h"
#include "net/socket_address.h"
#include "stream/management.h"
#include "stream/states.h"
#include "stream/stream_error.h"
#include "xml/parser.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <span>
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
    // `socket`: it has that, and not one that `state` names.
    Connection(Surroundings &around, const handover::ConnectionState &state, Socket *socket = nullptr);
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
    void receive(const jabberd_packet &packet, bool canonical);

    // Ends the stream: our error, our closing tag, then the socket. Nothing that the client sent behind this point is
    // looked at.
    void end(const stream::StreamError &error) override;

    // Ends it now, written or not.
    void lost(std::string_view reason);

    // Stream management (XEP-0198), in connection_resumption.cpp. Whether its session is to be found under that key, by
    // a client that has logged in as that user at that host.
    bool is_for(const ResumptionKey &key, std::string_view user, std::string_view host) const;
    // The client has come back on another connection: this one ends, and its session waits for the other.
    void leave_session();
    // Of the client that has asked for a session. Granted: give_up_client() follows, or it is gone.
    void answer_resume(const ResumptionAnswer &answer);
    bool resuming() const { return resuming_ && state_ == StreamState::Open; }
    // The client, of whose own login the session manager is told the end, as a value and a socket.
    handover::ConnectionState give_up_client(Socket &socket, std::optional<OwnedPacket> &login);
    // A connection made of the two has its session again; the client has `h` of what it was sent, and names it so.
    // `login`: what its login was answered, where it has asked by that.
    void resumed(std::string_view previd, std::uint32_t h, const std::optional<OwnedPacket> &login);
    // The user and the host that the client has logged in as and at.
    std::string user() const;
    const std::string &session_host() const { return conversation_.session()->host(); }

    void flush();       // writes what is queued, once; of much, a part
    bool take_turn();   // goes on with what there was no time for. False: there is still none
    void resume_host(); // the session manager's side has room again

    Status status() const;
    Census census() const;

    // Ends it, for what it makes us hold; its owner decides. What it has not read goes back to its session manager.
    void give_up_memory();

    // The work of a connection that had to stop, for an allocation has failed: ends it, and lets those who hold most
    // give some up. Others go on.
    void out_of_memory();
    std::size_t held() const { return accounted_; }
    std::size_t address_holds() const { return share_.memory.held(); } // all clients of its address together
    const net::SocketAddress &from() const override { return from_; }

    SlotId id() const { return id_; }
    void move_to(SlotId id) { id_ = id; } // by its owner
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
    void on_stream_end() override { begin_closing("stream closed by the client", packet::Ended::Closed); }

    // for the conversation
    Surroundings &around() const override { return around_; }
    StreamState state() const override { return state_; }
    const Socket &socket() const override { return socket_; }
    bool over_websocket() const override { return messages_ != nullptr; }
    Time since() const override { return since_; }
    void write_header(const xml::StreamHeader &header, std::string_view host, std::string_view id) override;
    void write(std::string_view element) override;
    void write(const jabberd_packet &stanza, std::string_view sfrom) override;
    void ask_written(std::string_view sfrom) override;
    void use(const xml::Rules &rules) override;
    void wait() override;
    void go_on() override;
    void restart() override;
    void start_tls() override;
    void set_deadline(Deadline which, Time at) override;
    bool managed() const override { return management_ != nullptr; }
    std::string enable(const stream::ManagementElement &wish) override;
    std::string ask_resume(const stream::ManagementElement &wish) override;
    void refuse_resume(const std::string &failed);

    const config::Options &options() const { return *around_.options; }
    bool over() const { return state_ == StreamState::Closing || state_ == StreamState::Disconnected; }

    // reading
    void read();
    void read_once();
    bool has_unread() const { return incoming_.has_unread() || socket_.has_unread(); }
    bool recognise();
    void begin_tls(tls::Mode mode);
    void feed(std::span<char> bytes); // which may be changed by it
    void feed_document(std::string_view bytes);
    std::size_t feed_once(std::string_view bytes);
    bool is_too_much_before_login() const;
    void expect_rest();
    void pause();
    void throttle();
    bool reads() const;
    bool throttled() const;
    void next_turn();

    // reading, over a WebSocket
    bool begins_http(char first) const;
    void begin_http();
    void feed_messages(std::span<char> bytes);
    void take_request(std::span<char> &bytes);
    void take_frame(std::span<char> &bytes);
    void take_text(const websocket::FrameReader::Heard &heard, bool is_last);
    bool take_framing(const xml::Stanza &stanza);
    void pause_between_messages();
    void answer_http(const websocket::HttpAnswer &answer);
    void answer_ping(std::string_view payload);
    void closed_by_client(std::uint16_t code);

    // writing
    void queued();
    void charge();
    void account();
    void expect_progress();
    void keep_alive();

    template <typename Work>
    void within_memory(const Work &work);
    void on_readable();
    void on_deadline();
    void write_queue();

    // client state (XEP-0352)
    bool take_client_state(const xml::Stanza &stanza);
    void write_kept();
    void write_stanza(const jabberd_packet &stanza, std::string_view sfrom);

    // stream management
    bool take_management(const xml::Stanza &stanza);
    void acknowledged(std::uint32_t h);
    void ask_acknowledgement();
    void expect_acknowledgement();
    void note_sent();
    bool waiting() const { return resuming_ || conversation_.waiting(); }
    bool detachable() const;
    void detach();
    void cut(std::string_view reason);
    std::unique_ptr<net::OutQueue> take_stanzas();

    // ending
    void begin_closing(std::string_view reason, packet::Ended how = packet::Ended::Lost);
    void refuse_request(const stream::StreamError &error);
    void write_error(const stream::StreamError &error);
    void write_end();
    void be_closing();
    void close();
    std::string carrier(const std::string &of) const; // "websocket", where it is one, in front
    std::string who() const;
    void log_end(std::string_view reason);
    void log_slowed(std::uint64_t count);

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
    std::unique_ptr<Management> management_; // null: the client has not enabled it
    std::unique_ptr<Inactivity> inactivity_; // null: the client is active
    std::unique_ptr<Messages> messages_;     // null: the stream is one document, on TCP
    Time since_;
    net::AddressShare &share_;
    std::size_t accounted_ = 0; // of share_.memory
    StreamState state_ = StreamState::WaitForStream;
    bool answer_due_ = false; // the client has sent something behind what must be answered first
    bool host_full_ = false;  // the client is not read from, for the session manager's side is full
    bool awaits_turn_ = false;
    bool resuming_ = false; // it is being looked for the session that the client wants back
    bool has_proxy_header_ =
        false; // what is being read begins with one: it is the end of the stream, or of the handshake
};

// Whatever a loop has a connection do: an allocation that fails there is this connection's bad luck, not that of all.
template <typename Work>
void Connection::within_memory(const Work &work)
{
    try {
        work();
    } catch (const std::bad_alloc &) {
        out_of_memory();
    }
}

} // namespace jabberd::connection
