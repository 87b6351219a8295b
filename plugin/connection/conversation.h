// SPDX-License-Identifier: LGPL-2.1-or-later
// What a client and its session manager say to each other: stream header, features, login, stanzas.
#pragma once

#include "base/owned_packet.h"
#include "base/packet_list.h"
#include "connection/deadlines.h"
#include "connection/deliveries.h"
#include "connection/socket.h"
#include "connection/surroundings.h"
#include "handover/state.h"
#include "net/socket_address.h"
#include "session/session.h"
#include "stream/management.h"
#include "stream/states.h"
#include "stream/stream_error.h"
#include "xml/stanza.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace jabberd::connection {

// The client, as the conversation has it.
class ClientStream {
public:
    virtual Surroundings &around() const = 0;
    virtual stream::StreamState state() const = 0;
    virtual const Socket &socket() const = 0;
    virtual bool over_websocket() const = 0;
    virtual const net::SocketAddress &from() const = 0;
    virtual Time since() const = 0; // its connection

    // Queues it for the client.
    virtual void write_header(const xml::StreamHeader &header, std::string_view host, std::string_view stream_id) = 0;
    virtual void write(std::string_view element) = 0;
    virtual void write(const jabberd_packet &stanza, std::string_view sfrom) = 0;

    // Conversation::written() is called when what is queued now has been written; when it never is, the packet goes
    // back to the session manager, under this sfrom.
    virtual void ask_written(std::string_view sfrom) = 0;

    // The client's bytes are read by these rules from here on, also those that have been read with this stanza.
    virtual void use(const xml::Rules &rules) = 0;

    // Nothing more of the client is looked at until go_on().
    virtual void wait() = 0;
    virtual void go_on() = 0;

    // The client opens its stream anew: its next bytes are a stream header.
    virtual void restart() = 0;

    // TLS begins when what is queued has been written. What the client has sent behind <starttls/> in the clear is not
    // looked at: an attacker on the way may have put it there.
    virtual void start_tls() = 0;

    virtual void set_deadline(Deadline which, Time at) = 0;

    // Whether its stream is managed. It begins by enable(); what the client is told of it.
    virtual bool managed() const = 0;
    virtual std::string enable(const stream::ManagementElement &wish) = 0;

    // Looks for the session that the client wants back. "": the answer follows, Conversation::finish_login(), or the
    // client is given to that session; else <failed/>. Nothing more of the client is looked at meanwhile.
    virtual std::string ask_resume(const stream::ManagementElement &wish) = 0;

    // Ends the stream. Nothing of the client is looked at any more.
    virtual void end(const stream::StreamError &error) = 0;

protected:
    ~ClientStream() = default;
};

// What else a client has asked for with its login by SASL2.
struct InlineLogin {
    explicit InlineLogin(std::string asked) : wishes(std::move(asked)) {}

    std::string wishes;  // session/inline_management.h
    OwnedPacket success; // what the session manager has answered, while the session is looked for
    bool bound = false;  // by that
};

// An answer of the session manager may come back before a call of it returns.
class Conversation {
public:
    // Borrowed for life.
    explicit Conversation(ClientStream &client) : client_(client) {}

    // Under this address, by which the session manager knows the connection.
    void begin(std::string address) { address_ = std::move(address); }

    // As a value, and from it. Throws std::runtime_error.
    void save(handover::ConnectionState &state) const;
    void restore(const handover::ConnectionState &state);

    const std::string &address() const { return session_ ? session_->address() : address_; }
    std::string_view sto() const { return session_ ? session_->sto() : std::string_view{}; }
    const session::Session *session() const { return session_ ? &*session_ : nullptr; } // null before a stream header
    bool authenticated() const { return session_ && session_->authenticated(); }
    bool bound() const { return session_ && session_->bound(); }
    bool host_is_full() const
    {
        return session_ && around().host().any_full() && around().host().full(session_->session_manager());
    }
    bool waiting() const { return session_ && session_->waiting(); }
    bool may_write_keepalive() const { return session_ && !session_->in_exchange(); }

    // Whether stream management (XEP-0198) is ours, and not the session manager's: as it is offered before a login, and
    // from the login on.
    bool offers_management() const;
    bool manages_stream() const;

    // The same of client state (XEP-0352), once a resource is bound.
    bool has_client_state() const;

    // How many of the client's stanzas the session manager was given, and are still to be (Deliveries).
    std::uint32_t taken() const { return deliveries_.taken(); }
    std::uint32_t kept() const { return deliveries_.kept(); }

    // How the client's bytes are to be read now.
    xml::Rules rules() const;

    // The client has opened its stream, or sent an element of it.
    void open(const xml::StreamHeader &header);
    void element(const xml::Stanza &stanza);

    // A packet for the client. Borrowed. `canonical`: its body is one that we have just written ourselves (passing.h),
    // so it is not read again.
    void receive(const jabberd_packet &packet, bool canonical);

    // Deadline::Features has passed.
    void features_overdue();

    // Nothing that was said before TLS counts (RFC 6120 §5.4.3.3).
    void forget();

    // A login that waits for its client's session to be found (XEP-0198 §9), and ends without: `failed` says why.
    bool logs_in() const { return login_ != nullptr && login_->success; }
    void finish_login(std::string_view failed);

    // The session that the client wants back is not there. False: it has tried too often.
    bool count_not_resumed();

    // The same, ending with that session: what its client is to be told. Nothing: it has asked in words of its own.
    std::optional<OwnedPacket> take_login();
    void resumed_by_login(const jabberd_packet &success, std::string_view resumed);

    // The session goes on elsewhere, as saved before, and has the address: nothing is owed for it here.
    void leave(std::string address);

    // All that came before a question for that has been written (ClientStream::ask_written()).
    void written();

    // The session manager's side has room again.
    void resume() { deliveries_.resume(around().host()); }

    // The stream ends, and is gone: what is owed to the session manager. Each may be called more than once.
    void end(packet::Ended how = packet::Ended::Lost);
    void return_early();

private:
    Surroundings &around() const { return client_.around(); }
    const config::Options &options() const { return *around().options; }
    bool secure() const { return client_.socket().tls() != nullptr; }
    bool may_log_in() const { return secure() || !around().tls_required(); }
    bool may_send_plain() const { return secure() || options().plain_in_the_clear; }
    void log(jabberd_log_level level, std::string_view message, const jabberd_packet &packet);

    // opening
    std::optional<stream::StreamError> begin_session(const xml::StreamHeader &header, bool continues);
    void offer_features(std::string_view claimed_from);
    void ask_features(std::string_view claimed_from = {});
    void introduce();
    std::string connection_element() const;
    void assume_iq_auth(std::string_view why);
    void write_features();
    void start_tls();

    // to the session manager
    void admit(const xml::Stanza &stanza);
    void deliver(session::Outbound &outbound);

    // a login that does more than that: conversation_login.cpp
    void admit_inline(const xml::Stanza &stanza);
    void note_wishes(const std::string &wishes);
    void log_in(const jabberd_packet &success, session::Meaning meaning);

    // to the client
    bool asks_how_far(const jabberd_packet &packet) const;
    void receive_readable(const jabberd_packet &packet, const jabberd_packet &canonical, bool carries_510);
    void act(session::Meaning meaning, const jabberd_packet &packet, const jabberd_packet &readable, bool was_known,
             const std::string &mechanism);
    void keep_early(const jabberd_packet &packet);
    void count_login(std::string_view mechanism, Tally LoginTally::*result);
    void login_failed(std::string_view mechanism, const std::string &reason);
    void logged_in();

    ClientStream &client_;
    std::string address_; // until the session has it
    std::string stream_id_;
    std::optional<session::Session> session_; // from the header on
    Deliveries deliveries_;
    PacketList early_;                   // for the client, while no resource is bound, or its login waits
    std::unique_ptr<InlineLogin> login_; // null: what the client has asked for is a login, and that is all
};

} // namespace jabberd::connection
