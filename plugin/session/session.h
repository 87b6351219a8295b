// SPDX-License-Identifier: LGPL-2.1-or-later
// What the socket manager knows of one client's session: Unknown or Authenticated, and the routing attributes that
// follow from it. No sockets, no XML.
#pragma once

#include "base/view.h"
#include "session/login.h"
#include "stream/stream_error.h"

#include <jabberd/packet.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

namespace jabberd::session {

// A client's stanza on its way to the session manager. It borrows from the stanza and from the Session.
class Outbound {
public:
    Outbound(const jabberd_packet &packet, std::string nonce) : packet_(packet), nonce_(std::move(nonce)) {}

    // Borrowed until this object moves or ends; delivering it may change the Session, but nothing that the packet
    // points to.
    const jabberd_packet &packet()
    {
        if (!nonce_.empty())
            packet_.id = view(nonce_);
        return packet_;
    }

private:
    jabberd_packet packet_;
    std::string nonce_; // in place of the client's id on an auth packet
};

// What a packet of the session manager means for its connection.
enum class Meaning {
    Pass,         // to the client
    LoggedIn,     // to the client, who is Authenticated from now on
    LoginFailed,  // to the client, who may try again
    Disconnected, // the session manager has ended the session: close, answer nothing
    NotOwner,     // not from the connection's session manager: for this sender there is no such connection
    Impossible,   // a login was accepted without saying who it is: nobody can go on from here
};

class Session {
public:
    // `address` is our sfrom, `host` the session manager the stream header asked for.
    Session(std::string address, std::string host);

    bool authenticated() const { return !session_id_.empty(); }
    const std::string &address() const { return address_; }
    std::string_view sto() const { return authenticated() ? session_id_ : host_; }

    // Judges a stanza of the client, and gives it sto and sfrom in place of whatever it brought. A stream error when it
    // may not pass.
    std::variant<Outbound, stream::StreamError> admit(const xml::Stanza &stanza);

    // Sees a packet that names this connection. `carries_510` is the parser's word for its body. On Pass, LoggedIn and
    // LoginFailed `packet` is ready for the client: its own id, no sto, no sfrom. The id may borrow from `id_storage`.
    Meaning receive(jabberd_packet &packet, bool carries_510, std::string &id_storage);

    unsigned failed_logins() const { return failed_logins_; }

private:
    bool owned_by(std::string_view sfrom) const;
    bool speaks_for_session(const jabberd_packet &packet) const;

    std::string address_;
    std::string host_;
    std::string session_id_;       // empty: Unknown
    std::unique_ptr<Login> login_; // while anything is outstanding
    std::uint32_t failed_logins_ = 0;
};

} // namespace jabberd::session
