// SPDX-License-Identifier: LGPL-2.1-or-later
// What the socket manager knows of one client's session, and the routing attributes that follow from it. No sockets; of
// XML only the children of a few packets.
#pragma once

#include "base/view.h"
#include "handover/state.h"
#include "session/login.h"
#include "session/offers.h"
#include "stream/states.h"
#include "stream/stream_error.h"

#include <jabberd/packet.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace jabberd::session {

// A packet on its way to the session manager. It borrows from the stanza and from the Session.
class Outbound {
public:
    explicit Outbound(const jabberd_packet &packet, std::string nonce = {}, std::optional<std::string> body = {})
        : packet_(packet), nonce_(std::move(nonce)), body_(std::move(body))
    {
    }

    // Borrowed until this object moves or ends; delivering it may change the Session, but nothing that the packet
    // points to.
    const jabberd_packet &packet()
    {
        if (!nonce_.empty())
            packet_.id = view(nonce_);
        if (body_)
            packet_.body = view(*body_);
        return packet_;
    }

private:
    jabberd_packet packet_;
    std::string nonce_;               // in place of the client's id on an auth packet
    std::optional<std::string> body_; // in place of the client's
};

// What the client is answered at once, without asking the session manager.
struct Answer {
    std::string xml;
    bool logged_in = false; // the session is Bound from now on
    std::string refusal{};  // why the login that this ends was refused; "": none was
};

// What a packet of the session manager means for its connection.
enum class Meaning {
    Pass,          // to the client
    Relay,         // to the client, and not wanted back when it is gone
    Written,       // the question how far the client has been written to
    Refused,       // to the client, who asked something before login
    Ignore,        // it answers no question
    TooEarly,      // to the client, but only once a resource is bound
    Features,      // the answer to ask_features(): take_features() has what to offer
    Introduced,    // the answer to introduce(): nothing follows
    Authenticated, // to the client, whose user is known from now on
    LoggedIn,      // to the client, whose session id is known from now on
    LoginFailed,   // to the client, who may try again
    Disconnected,  // the session manager has ended the session: close, answer nothing
    OtherSession,  // of a session that this connection does not have: for its sender there is no such connection
    Impossible,    // an answer that cannot be one, such as a login of no user: the stream cannot go on
};

// What follows when the client was told.
enum class Next {
    Nothing,
    Stream,   // the client opens its stream anew (RFC 6120 §6.4.6)
    Features, // the stream goes on with other features (XEP-0388 §2.6)
};

struct Verdict {
    Meaning meaning;
    Next next = Next::Nothing;
};

// Whose state is stream::SessionState.
class Session {
public:
    // `address` is our sfrom, `host` the session manager the stream header asked for.
    Session(std::string address, std::string host);

    // As a value, and from one that has `to`.
    void save(handover::ConnectionState &state) const;
    explicit Session(const handover::ConnectionState &state);

    // Whether the session manager knows who this is: it is owed a 510.
    bool authenticated() const { return state_ != State::Unknown; }
    // Whether there is a session: stanzas pass.
    bool bound() const { return state_ == State::Bound; }
    const std::string &address() const { return address_; }
    const std::string &host() const { return host_; }
    const std::string &alias() const { return alias_; } // what the client calls the host; "": by its own name
    std::string_view sto() const { return authenticated() ? identity_ : session_manager(); }

    // The name by which packets reach the one session manager that this connection belongs to: the host, or what that
    // has called itself in its first answer.
    std::string_view session_manager() const;

    // A stream header has named the host like this.
    void known_as(std::string_view name);

    // Registration is not mentioned where the features are ours to compose.
    void hide_registration() { registration_ = false; }

    // The language of stanzas that do not say theirs (RFC 6120 §4.7.4).
    void speak(std::string_view lang) { lang_ = lang; }

    // A stream of XMPP 1.0 has begun, or goes on after a login: the question what to offer now. `connection` is the
    // element that describes the connection, `claimed_from` what the client has called itself in its header. waiting()
    // until it is answered.
    Outbound ask_features(std::string connection, std::string_view claimed_from = {});

    // A stream without version='1.0' has begun: the same question tells the session manager whence its client comes.
    // Of
    // the answer only its <wants/> is used, and nothing waits for it.
    Outbound introduce(const std::string &connection);

    // There will be no answer to ask_features(), or no session manager to ask: it knows jabber:iq:auth only.
    // `plain`: a client may send its password as it is, so SASL PLAIN can be translated.
    void assume_iq_auth(bool plain);

    // Whether it was found to know jabber:iq:auth only, until the session is bound.
    bool is_translated() const { return login_ && login_->offer && login_->offer->translated; }

    // What the session manager offers, as children of <stream:features/>.
    std::string take_features();

    // Whether nothing else of the client may be read before an answer has come.
    bool waiting() const { return !bound() && login_ && login_->waiting(); }
    bool asks_features() const { return login_ && login_->outstanding(AuthKind::Features); }

    // Whether a SASL exchange goes on, in which there is no white space (RFC 6120 §6.3.5).
    bool in_exchange() const { return login_ && login_->exchange; }

    // Whether no user is logged in, or about to be: all that is known here may be forgotten (STARTTLS).
    bool at_rest() const { return !authenticated() && (!login_ || login_->at_rest()); }

    // Judges a stanza of the client, and gives it sto and sfrom in place of whatever it brought. A stream error when it
    // may not pass.
    std::variant<Outbound, Answer, stream::StreamError> admit(const xml::Stanza &stanza);

    // Sees a packet that names this connection. `carries_510` is the parser's word for its body. Where it is for the
    // client `packet` is made ready: its own id, no sto, no sfrom. It may borrow from `storage`. `offers`
    // are those of the event loop.
    Verdict receive(jabberd_packet &packet, bool carries_510, std::string &storage, Offers &offers);

    // The answer to a Written: all that came before it has been written.
    Outbound written() const;

    // Whether the session manager wants to be told of the end of this connection also while it is Unknown, and how
    // one has ended.
    bool wants_end() const { return wants_ && wants_->end; }

    // Whether elements of that namespace are its to answer, and pass.
    bool relays(std::string_view xmlns) const { return wants_ && wants_->relays(xmlns); }

    // Whether it is known which user is logged in; else the session manager knows only when a resource is bound.
    bool knows_user() const { return authenticated() && !is_handle_; }

    // The client is gone: what ends its SASL exchange, if one goes on.
    std::optional<Outbound> abandon();

    // By which mechanism the client logs in, or has tried last: "jabber:iq:auth" is one here. "": by none that was
    // offered.
    std::string_view mechanism() const { return login_ ? std::string_view{login_->mechanism} : std::string_view{}; }

    // Tries that have failed. Login::failed says what is one.
    unsigned failed_logins() const { return failed_logins_; }
    // The session that the client wants back is not there: that is one, too.
    void count_not_resumed() { ++failed_logins_; }
    // Whether the last failure belongs to a try that had failed before, by another mechanism.
    bool failed_in_same_try() const { return login_ && login_->tried.size() > 1; }

private:
    using State = stream::SessionState;
    using Admission = std::variant<Outbound, Answer, stream::StreamError>;

    bool is_own(std::string_view sfrom) const;
    bool owned_by(std::string_view sfrom) const;
    bool may_take_own_name(std::string_view sfrom) const;
    bool is_of_session(std::string_view sfrom) const;
    bool speaks_for_session(const jabberd_packet &packet) const;
    jabberd_packet with_route(jabberd_packet packet) const;
    Meaning meaning_for_session(jabberd_packet &packet);
    void note_question_to_itself(const jabberd_packet &packet);
    void leave_out_own_from(jabberd_packet &packet);
    Login &login();
    void bind(std::string_view session_id);
    void want(Wants wants);

    // before a resource is bound: session_login.cpp
    Admission admit_login(const xml::Stanza &stanza);
    Admission admit_sasl(const xml::Stanza &stanza, const SaslElement &element);
    Admission admit_bind(const xml::Stanza &stanza);
    Admission admit_resume(const xml::Stanza &stanza);
    Admission translate_plain(std::string_view message);
    void count_failure(std::string_view mechanism);
    Answer sasl_failed(SaslProfile profile, std::string_view condition);
    Outbound features_question(AuthKind kind, std::string_view connection, std::string_view claimed_from);
    Outbound addressed(jabberd_packet packet, std::string nonce, std::optional<std::string> body = {});
    Verdict receive_answer(const Login::Answer &answer, jabberd_packet &packet, std::string_view sfrom, Offers &offers);
    Verdict login_answered(const jabberd_packet &packet, std::string_view sfrom);
    Verdict sasl_answered(jabberd_packet &packet, std::string_view sfrom);
    Verdict plain_answered(jabberd_packet &packet, std::string_view sfrom);
    Verdict bind_answered(const jabberd_packet &packet, std::string_view sfrom);
    bool may_be_bound_as(std::string_view session_id) const;
    Verdict resume_answered(const jabberd_packet &packet, std::string_view sfrom);

    std::string address_;
    std::string host_;
    std::string alias_;
    std::string identity_; // U or S of include/jabberd/session.h
    std::string lang_;
    std::unique_ptr<Login> login_;          // until nothing of it is needed
    std::vector<std::string> asked_itself_; // ids of questions to this very session, not answered yet
    std::uint32_t failed_logins_ = 0;
    std::unique_ptr<const Wants> wants_; // null: nothing
    State state_ = State::Unknown;
    bool is_handle_ = false; // the user of identity_, until a resource is bound
    bool registration_ = true;
};

} // namespace jabberd::session
