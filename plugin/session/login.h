// SPDX-License-Identifier: LGPL-2.1-or-later
// What is known of a connection until it is bound: what was offered to it, and the packets that wait for an answer.
#pragma once

#include "handover/state.h"
#include "session/offer.h"
#include "session/sasl.h"
#include "xml/stanza.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace jabberd::session {

enum class AuthKind : std::uint8_t {
    None,         // not an auth packet: must not pass before login
    Question,     // a get of jabber:iq:auth, or anything of jabber:iq:register
    Login,        // a set of jabber:iq:auth: its result logs in
    Bind,         // a set that binds a resource: its result logs in who is authenticated
    Sasl,         // one step of a SASL exchange
    Plain,        // a set of jabber:iq:auth that we have made of SASL PLAIN
    Features,     // our question what to offer
    Resume,       // <resume/> of a session manager that has XEP-0198: <resumed/> binds
    Introduction, // the same, to say who has come: the client does not wait for what is answered
};

// Of an iq get or set with exactly one child: a query of jabber:iq:auth or jabber:iq:register, or a <bind/>
// (RFC 6120 §8.2.3 and §7, XEP-0078, XEP-0077).
AuthKind auth_kind(const xml::Stanza &stanza);

// Every auth packet travels under a private nonce in place of the client's id, so that no answer can be taken for
// another's: neither two packets with one id, nor an answer to no question.
class Login {
public:
    static constexpr std::size_t max_outstanding = 8; // a client asks two or three things

    bool full() const { return outstanding_.size() >= max_outstanding; }
    bool outstanding(AuthKind kind) const;

    // Whether nothing else of the client can be judged before an answer has come.
    bool waiting() const;

    // Notes a packet that is about to leave; returns the nonce it leaves under.
    std::string ask(AuthKind kind, jabberd_view client_id = {});

    struct Answer {
        AuthKind kind;
        std::optional<std::string> client_id; // nothing: the client had sent none
    };

    // The packet that was sent under this nonce is answered. Nothing: none was.
    std::optional<Answer> answered(std::string_view nonce);

    // As a value.
    void save(handover::ConnectionState &state) const;
    explicit Login(const handover::ConnectionState &state);
    Login() = default;

    // A login by this mechanism has failed; by none that was offered: empty. Whether a new try has begun with it: a
    // client that goes through its mechanisms with one password fails as often as there are mechanisms, and by
    // jabber:iq:auth once.
    bool failed(std::string_view by);

    // Whatever answers these is not known any more.
    void forget(AuthKind kind);

    // Whether the session manager has nothing of this client's in hand.
    bool at_rest() const { return outstanding_.empty() && !exchange; }

    std::string own_name;                // of this one of several session managers of the host; "": it has none
    std::string connection;              // the <connection/> element
    std::optional<Offer> offer;          // on a stream of XMPP 1.0
    std::optional<SaslProfile> exchange; // from <auth/> to <success/> or <failure/>
    std::string mechanism;               // of that exchange, or of the last; "jabber:iq:auth" as well
    std::vector<std::string> tried;      // mechanisms that have failed in the current try

private:
    struct Outstanding {
        std::string nonce;
        Answer answer;
    };
    std::vector<Outstanding> outstanding_;
};

} // namespace jabberd::session
