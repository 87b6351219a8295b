// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session/session.h"

#include "base/address.h"
#include "packet/stanza_rules.h"

#include <jabberd/session.h>

#include <algorithm>
#include <utility>

namespace jabberd::session {

namespace {

using stream::Condition;
using stream::StreamError;

// What a client can make us remember of its questions to itself.
constexpr std::size_t max_asked_itself = 16, longest_remembered_id = 128;

// sm1.foo.com is below foo.com.
bool is_below(std::string_view name, std::string_view host)
{
    const std::size_t dot = name.find('.');
    return dot != name.npos && dot > 0 && same_host(name.substr(dot + 1), host);
}

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
    const bool is_relayed = present(stanza.packet.xmlns) && relays(text(stanza.packet.xmlns));
    if (is_relayed)
        return Outbound{with_route(stanza.packet)};
    if (present(stanza.packet.xmlns) || !packet::is_stanza_name(text(stanza.packet.name)))
        return StreamError{Condition::UnsupportedStanzaType, "A stanza is message, presence or iq"};
    // A session manager would take it for one of our returned packets, and deliver what it holds under whatever `from`
    // it claims.
    if (packet::carries_510(stanza))
        return StreamError{Condition::PolicyViolation, "Error 510 is for servers only"};
    jabberd_packet packet = with_route(stanza.packet);
    if (!present(packet.lang) && !lang_.empty())
        packet.lang = view(lang_);
    note_question_to_itself(packet);
    return Outbound{packet};
}

jabberd_packet Session::with_route(jabberd_packet packet) const
{
    packet.sto = view(identity_);
    packet.sfrom = view(address_);
    return packet;
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

Verdict Session::receive(jabberd_packet &packet, bool carries_510, std::string &storage, Offers &offers)
{
    const std::string_view sfrom = text(packet.sfrom);
    const bool own = is_own(sfrom);
    const bool owned = own || owned_by(sfrom);
    if (owned && carries_510 && speaks_for_session(packet))
        return {Meaning::Disconnected};

    // Who knows the nonce of a question may answer it: there is no session yet whose word it could be.
    auto answer = login_ && (owned || may_take_own_name(sfrom)) ? login_->answered(text(packet.id)) : std::nullopt;
    if (!answer && !own && !(owned && is_of_session(sfrom)))
        return {Meaning::OtherSession};
    if (!owned)
        login_->own_name = split_address(sfrom).host;
    packet.sto = {};
    packet.sfrom = {};
    if (!answer) {
        switch (state_) {
        case State::Bound: return {meaning_for_session(packet)};
        case State::Authenticated: return {Meaning::TooEarly};
        case State::Unknown: return {Meaning::Ignore};
        }
    }
    packet.id = {};
    if (answer->client_id) {
        storage = std::move(*answer->client_id);
        packet.id = view(storage);
    }
    const Verdict verdict = receive_answer(*answer, packet, sfrom, offers);
    leave_out_own_from(packet);
    if (login_ && login_->at_rest() && !login_->offer && login_->own_name.empty())
        login_.reset();
    return verdict;
}

Meaning Session::meaning_for_session(jabberd_packet &packet)
{
    const std::string_view xmlns = text(packet.xmlns);
    if (xmlns == JABBERD_NS_WRITTEN)
        return Meaning::Written;
    if (!xmlns.empty() && relays(xmlns))
        return Meaning::Relay;
    leave_out_own_from(packet);
    return Meaning::Pass;
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
    is_handle_ = false;
    if (login_ && login_->outstanding(AuthKind::Introduction))
        login_->own_name.clear(); // its answer must not be taken for a stanza
    else
        login_.reset();
}

void Session::want(Wants wants)
{
    wants_ = wants.nothing() ? nullptr : std::make_unique<const Wants>(std::move(wants));
}

Outbound Session::written() const
{
    jabberd_packet packet{};
    packet.size = sizeof packet;
    packet.xmlns = view(JABBERD_NS_WRITTEN);
    packet.name = view("a");
    return Outbound{with_route(packet)};
}

// Nearly all that a session gets has its id or its user's address, spelled as it is here.
bool Session::is_own(std::string_view sfrom) const
{
    return authenticated() && (sfrom == identity_ || sfrom == bare_address(identity_));
}

// A session manager may accept a login for itself only.
bool Session::owned_by(std::string_view sfrom) const
{
    return same_host(split_address(sfrom).host, session_manager());
}

// Several session managers may serve one host. Which of them has a connection is told once, by the first answer. The
// names are below that of the host: nobody else can accept a login for it.
bool Session::may_take_own_name(std::string_view sfrom) const
{
    return !authenticated() && login_ && login_->own_name.empty() && is_below(split_address(sfrom).host, host_);
}

std::string_view Session::session_manager() const
{
    if (authenticated())
        return split_address(identity_).host;
    return login_ && !login_->own_name.empty() ? login_->own_name : host_;
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
