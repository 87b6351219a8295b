// SPDX-License-Identifier: LGPL-2.1-or-later
// One client of ours, and the connection that speaks for it with the server.
#pragma once

#include "base/owned_packet.h"
#include "event/alarm.h"
#include "upstream/client/acks.h"
#include "upstream/client/around.h"
#include "upstream/client/link.h"
#include "upstream/client/state.h"
#include "upstream/wire/features.h"

#include <jabberd/packet.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace jabberd::upstream {

class Client;

// What a client wants of the instance. None of these may destroy it.
class ClientOwner {
public:
    // Its turn to dial will come: Client::dial().
    virtual void queue_login(Client &client) = 0;

    // What the server offers to who comes for this host, if that is known; if not, Client::offer() is called when it
    // is. `caller` is shown to the server.
    virtual std::optional<std::string> offer_for(Client &client, const Caller &caller) = 0;
    virtual void learn_offer(const Caller &caller, std::string_view features) = 0;

    // Sessions that can be resumed, by the id that the server has given them (XEP-0198 §5).
    virtual void remember_session(std::string_view sm_id, std::string_view session) = 0;
    virtual std::string session_called(std::string_view sm_id) const = 0; // "": not known

    // Nothing more comes of it. It is destroyed at the end of the turn.
    virtual void is_over(Client &client) = 0;

protected:
    ~ClientOwner() = default;
};

//   Asking ──auth packet──▶ Queued ──▶ Dialling ──features──▶ Login ──success──▶ Authenticated ──bind──▶ Bound
//   any of them ──510──▶ Leaving (what was not written comes back, and the server is told) ──▶ Closing ──▶ Over
//
// [loop] for all of it.
class Client final : private LinkOwner {
public:
    // Both borrowed for life. `address`: the connection's.
    Client(Around &around, ClientOwner &owner, std::string address);
    // Of a predecessor. Throws std::runtime_error.
    Client(Around &around, ClientOwner &owner, ClientState state);
    void wake();

    const std::string &address() const { return address_; }
    Phase phase() const { return phase_; }
    bool over() const { return phase_ == Phase::Over; }
    Caller caller() const; // as the server is to see it

    void receive(const jabberd_packet &packet); // of the socket manager
    void offer(std::string_view features);      // what it has waited for
    void dial();
    void flush();
    void resume(); // the host has room again

    // The instance stops: the server is told what has not arrived.
    void shut_down();

    ClientState save() const;
    void relinquish();

private:
    // How long the socket manager may take to close the connection of a client for good: then all that the client had
    // not read has come back.
    static constexpr std::chrono::seconds all_back_within{10};

    // The socket manager ends a client that does not log in, and says so if it can: this is for when it cannot.
    static constexpr std::chrono::minutes login_within{5};

    void features(std::string_view children) override;
    void element(const xml::Stanza &stanza) override;
    void lost(std::string_view condition, std::string_view text) override;
    bool moved(const net::SocketAddress &where) override;

    // login: client_login.cpp
    void question(const jabberd_packet &packet);
    void answer_question(std::string_view features);
    void login_packet(const jabberd_packet &packet);
    void note_login(const jabberd_packet &packet);
    void sasl_element(jabberd_packet packet);
    void success(jabberd_packet packet);
    bool login_answer(jabberd_packet packet);
    void bound_as(std::string_view jid, const jabberd_packet &packet);
    void note_stream_management(const jabberd_packet &packet);
    std::string handle() const;

    // session: client_session.cpp
    void stanza_of_client(const jabberd_packet &packet);
    void decide_on_acks(const jabberd_packet &packet);
    void stream_management(const jabberd_packet &packet);
    void stanza_of_server(const xml::Stanza &stanza);
    void ask_how_far();
    void written();
    void notice(const jabberd_packet &packet);
    void await_the_rest();
    void answered_at_the_end();
    void leave();

    void write(const jabberd_packet &packet);
    void deliver(jabberd_packet packet, std::string_view sfrom);
    void end(std::string_view condition, std::string_view text);
    void be_over();
    void on_alarm();

    Around &around_;
    ClientOwner &owner_;
    const std::string address_;
    std::string host_; // as the socket manager calls it
    std::string from_, lang_;
    std::string identity_; // U or S of include/jabberd/session.h; "": Unknown
    std::optional<net::SocketAddress> client_;
    ClientSecurity security_;
    Phase phase_ = Phase::Asking;
    std::string question_; // nonce of the question what to offer, while it is not answered
    std::string nonce_;    // of the last packet of SASL, or of <resume/>
    std::string resumed_;  // previd of that <resume/>
    std::vector<PendingIq> pending_;
    std::optional<std::string> offered_; // by the server, behind the last login; until it is asked for
    bool has_stream_management_ = false;
    std::vector<OwnedPacket> waiting_; // for the stream to be open
    Acks acks_;
    bool closed_by_client_ = false;
    std::unique_ptr<Link> link_;
    Time dialling_since_{};
    std::optional<net::SocketAddress> moved_to_; // by the server, until it is logged in
    Time next_ack_{}; // an answer to the server's question that comes before waits until then
    event::Alarm alarm_{[this] { on_alarm(); }};
};

} // namespace jabberd::upstream
