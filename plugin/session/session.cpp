// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session/session.h"

#include "base/address.h"
#include "packet/stanza_rules.h"

#include <algorithm>
#include <utility>

namespace jabberd::session {

namespace {

using stream::Condition;
using stream::StreamError;

// What a client can make us remember of its questions to itself.
constexpr std::size_t max_asked_itself = 16, longest_remembered_id = 128;

} // namespace

Session::Session(std::string address, std::string host) : address_(std::move(address)), host_(std::move(host))
{
}

void Session::known_as(std::string_view name)
{
    alias_ = same_host(name, host_) ? std::string_view{} : name;
}

std::variant<Outbound, Answer, StreamError> Session::admit(const xml::Stanza &stanza)
{
    if (!bound())
        return admit_login(stanza);
    // Only these three ever reach the router: jabberd types packets by their first letter, and <xdb/> or <log/> would
    // be obeyed.
    if (present(stanza.packet.xmlns) || !packet::is_stanza_name(text(stanza.packet.name)))
        return StreamError{Condition::UnsupportedStanzaType, "A stanza is message, presence or iq"};
    // A session manager would take it for one of our returned packets, and deliver what it holds under whatever `from`
    // it claims.
    if (packet::carries_510(stanza))
        return StreamError{Condition::PolicyViolation, "Error 510 is for servers only"};
    jabberd_packet packet = stanza.packet;
    packet.sto = view(identity_);
    packet.sfrom = view(address_);
    if (!present(packet.lang) && !lang_.empty())
        packet.lang = view(lang_);
    note_question_to_itself(packet);
    return Outbound{packet};
}

// Its answer is the client's own, not its account's, and must say so.
void Session::note_question_to_itself(const jabberd_packet &packet)
{
    const std::string_view type = text(packet.type);
    if (text(packet.name) != "iq" || (type != "get" && type != "set") || !same_address(text(packet.to), identity_))
        return;
    if (text(packet.id).size() > longest_remembered_id)
        return;
    if (asked_itself_.size() >= max_asked_itself)
        asked_itself_.erase(asked_itself_.begin());
    asked_itself_.emplace_back(text(packet.id));
}

// Classic session managers answer for the account under the session's full address. Clients expect none there, or the
// bare one (RFC 6120 §8.1.2.1), and slixmpp takes no other for an answer.
void Session::leave_out_own_from(jabberd_packet &packet)
{
    const std::string_view from = text(packet.from), type = text(packet.type);
    if (!bound() || text(packet.name) != "iq" || (type != "result" && type != "error"))
        return;
    if (same_address(from, bare_address(identity_))) {
        packet.from = {};
        return;
    }
    if (!same_address(from, identity_))
        return;
    const auto asked = std::ranges::find(asked_itself_, text(packet.id));
    if (asked == asked_itself_.end())
        packet.from = {};
    else
        asked_itself_.erase(asked);
}

Verdict Session::receive(jabberd_packet &packet, bool carries_510, std::string &storage)
{
    const std::string_view sfrom = text(packet.sfrom);
    if (!owned_by(sfrom))
        return {Meaning::OtherSession};
    if (carries_510 && speaks_for_session(packet))
        return {Meaning::Disconnected};

    // Who knows the nonce of a question may answer it: there is no session yet whose word it could be.
    auto answer = login_ ? login_->answered(text(packet.id)) : std::nullopt;
    if (!answer && !is_of_session(sfrom))
        return {Meaning::OtherSession};
    packet.sto = {};
    packet.sfrom = {};
    if (!answer) {
        switch (state_) {
        case State::Bound: leave_out_own_from(packet); return {Meaning::Pass};
        case State::Authenticated: return {Meaning::TooEarly};
        case State::Unknown: return {Meaning::Ignore};
        }
    }
    packet.id = {};
    if (answer->client_id) {
        storage = std::move(*answer->client_id);
        packet.id = view(storage);
    }
    const Verdict verdict = receive_answer(*answer, packet, sfrom);
    leave_out_own_from(packet);
    if (login_ && login_->at_rest() && !login_->offer)
        login_.reset();
    return verdict;
}

Login &Session::login()
{
    if (!login_)
        login_ = std::make_unique<Login>();
    return *login_;
}

void Session::bind(std::string_view session_id)
{
    identity_ = session_id;
    state_ = State::Bound;
    login_.reset();
}

// The host never changes: a session manager may accept a login for itself only.
bool Session::owned_by(std::string_view sfrom) const
{
    return same_host(split_address(sfrom).host, host_);
}

// The session's own word comes from its id, or from the host; what it passes on, from the user's bare address too
// (jabberd 1.1). Anything else is of a session that was another connection's, or that no connection has: sessions on
// another server outlive the process that had their sockets.
bool Session::is_of_session(std::string_view sfrom) const
{
    if (split_address(sfrom).user.empty())
        return true;
    return authenticated() && (same_address(sfrom, identity_) || same_address(sfrom, bare_address(identity_)));
}

// A 510 is the session manager's word only when it comes from the session itself, or from the host. What it merely
// passes on comes from the user's bare address, and there any client may have written <error code='510'/>. Where the
// session id is a bare address too, what was passed on is told by its `from`.
bool Session::speaks_for_session(const jabberd_packet &packet) const
{
    const std::string_view sfrom = text(packet.sfrom);
    if (split_address(sfrom).user.empty())
        return true;
    return same_address(sfrom, sto()) && (!split_address(sfrom).resource.empty() || !present(packet.from));
}

} // namespace jabberd::session
