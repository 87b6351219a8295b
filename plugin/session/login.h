// SPDX-License-Identifier: LGPL-2.1-or-later
// The auth packets of one connection that wait for an answer, and what an answer means.
#pragma once

#include "xml/stanza.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace jabberd::session {

enum class AuthKind {
    None,     // not an auth packet: must not pass before login
    Question, // a get, or anything of jabber:iq:register
    Login,    // a set of jabber:iq:auth: only its result logs in
};

// An iq get or set with exactly one child, a query of jabber:iq:auth or jabber:iq:register (RFC 6120 §8.2.3, XEP-0078,
// XEP-0077).
AuthKind auth_kind(const xml::Stanza &stanza);

// Every auth packet travels under a private nonce in place of the client's id, so that no answer can be taken for
// another's: neither two packets with one id, nor an answer nobody asked for.
class Login {
public:
    static constexpr std::size_t max_outstanding = 8; // a client asks two or three things

    bool full() const { return outstanding_.size() >= max_outstanding; }
    bool login_outstanding() const;
    bool idle() const { return outstanding_.empty(); }

    // Notes a packet that is about to leave; returns the nonce it leaves under.
    std::string ask(AuthKind kind, jabberd_view client_id);

    struct Answer {
        AuthKind kind;
        std::optional<std::string> client_id; // nothing: the client had sent none
    };

    // The packet that was sent under this nonce is answered. Nothing: none was.
    std::optional<Answer> answered(std::string_view nonce);

private:
    struct Outstanding {
        std::string nonce;
        Answer answer;
    };
    std::vector<Outstanding> outstanding_;
};

} // namespace jabberd::session
