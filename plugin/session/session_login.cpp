// SPDX-License-Identifier: LGPL-2.1-or-later
// Until a resource is bound: what a client may send, and what its answers mean.
#include "session/session.h"

#include "base/address.h"
#include "base/random.h"
#include "packet/namespaces.h"
#include "packet/stanza_rules.h"
#include "session/connection_info.h"
#include "session/plain_login.h"
#include "stream/namespaces.h"
#include "xml/document.h"
#include "xml/escape.h"
#include "xml/namespaces.h"

#include <jabberd/session.h>

namespace jabberd::session {

namespace {

constexpr std::size_t longest_address = 3071; // three parts of 1023 bytes (RFC 7622 §3.1)

using stream::Condition;
using stream::StreamError;

// A resource that no peer can guess, and short enough to be shown (RFC 6120 §7.6).
std::string assigned_resource()
{
    return random_id().substr(0, 12);
}

std::string bind_result(jabberd_view id, std::string_view jid)
{
    std::string out = "<iq type='result'";
    if (present(id))
        xml::append_attribute(out, "id", text(id));
    out += "><bind";
    xml::append_attribute(out, "xmlns", packet::ns::bind);
    out += "><jid>";
    xml::append_text(out, jid);
    return out += "</jid></bind></iq>";
}

// Not the client's fault: codes from 500 on (XEP-0086).
bool is_server_error(const jabberd_packet &packet)
{
    const auto body = xml::parse_body(text(packet.body));
    const xmlNode *error = body ? xml::child(xmlDocGetRootElement(body.get()), "error", xml::ns::client) : nullptr;
    return error != nullptr && xml::attribute(error, "code").starts_with('5');
}

} // namespace

Outbound Session::ask_features(std::string connection, std::string_view claimed_from)
{
    login().connection = std::move(connection);
    login_->forget(AuthKind::Features);
    return features_question(AuthKind::Features, login_->connection, claimed_from);
}

Outbound Session::introduce(const std::string &connection)
{
    login().forget(AuthKind::Introduction);
    return features_question(AuthKind::Introduction, connection, {});
}

Outbound Session::features_question(AuthKind kind, std::string_view connection, std::string_view claimed_from)
{
    std::string query = "<query xmlns='" JABBERD_NS_FEATURES "'";
    if (!claimed_from.empty() && claimed_from.size() <= longest_address)
        xml::append_attribute(query, "from", claimed_from);
    if (!lang_.empty())
        xml::append_attribute(query, "xml:lang", lang_);
    query.append(">").append(connection).append("</query>");
    jabberd_packet packet{};
    packet.size = sizeof packet;
    packet.name = view("iq");
    packet.type = view("get");
    return addressed(packet, login_->ask(kind), std::move(query));
}

void Session::assume_iq_auth(bool plain)
{
    login().forget(AuthKind::Features);
    if (bound())
        login_->offer = Offer{};
    else
        login_->offer = authenticated() ? bind_offer() : iq_auth_offer(plain, registration_);
}

std::string Session::take_features()
{
    std::string features = login_ && login_->offer ? std::move(login_->offer->features) : std::string{};
    if (bound())
        login_.reset();
    return features;
}

std::variant<Outbound, Answer, StreamError> Session::admit_login(const xml::Stanza &stanza)
{
    if (waiting())
        return StreamError{Condition::PolicyViolation, "Wait for the answer first"};
    if (const auto element = sasl_element(stanza))
        return admit_sasl(stanza, *element);
    if (login_ && login_->exchange)
        return StreamError{Condition::PolicyViolation, "Finish the login first"};
    if (authenticated())
        return admit_bind(stanza);

    const AuthKind kind = auth_kind(stanza);
    if (present(stanza.packet.xmlns) && text(stanza.packet.xmlns).empty())
        return StreamError{Condition::InvalidNamespace, "A stanza is of jabber:client, and this one of no namespace"};
    if (kind != AuthKind::Login && kind != AuthKind::Question)
        return StreamError{Condition::NotAuthorized, "Log in first"};
    if (login().full())
        return StreamError{Condition::PolicyViolation, "Too many questions at a time"};
    if (kind == AuthKind::Login)
        login_->mechanism = packet::ns::iq_auth;
    return addressed(stanza.packet, login_->ask(kind, stanza.packet.id));
}

std::variant<Outbound, Answer, StreamError> Session::admit_sasl(const xml::Stanza &stanza, const SaslElement &element)
{
    const auto [kind, profile] = element;
    if (authenticated() || !login_ || !login_->offer)
        return StreamError{Condition::NotAuthorized, "SASL is not offered here"};
    const Offer &offer = *login_->offer;
    const std::string_view message = text(stanza.packet.body);
    if (profile == SaslProfile::Rfc6120 && stanza.child_count != 0)
        return StreamError{Condition::BadFormat, "A SASL message is base64"};
    // The session manager believes what it reads there.
    if (packet::claims_connection(stanza))
        return StreamError{Condition::PolicyViolation, "A client does not describe its own connection"};

    if (kind == SaslElement::Kind::Start) {
        if (login_->exchange)
            return StreamError{Condition::PolicyViolation, "One login at a time"};
        login_->mechanism.clear(); // names that were not offered are all the same to us
        const std::string_view mechanism = mechanism_of(stanza.packet);
        if (!offer.has(profile == SaslProfile::Rfc6120 ? offer.sasl : offer.sasl2, mechanism)) {
            Answer answer = sasl_failed(profile, "invalid-mechanism");
            if (is_mechanism_name(mechanism))
                answer.refusal.append(" (").append(mechanism).append(")");
            return answer;
        }
        login_->exchange = profile;
        login_->mechanism = mechanism;
        if (!offer.translated)
            return addressed(stanza.packet, login_->ask(AuthKind::Sasl),
                             login_->connection + std::string{text(stanza.packet.body)});
        if (message.empty())
            return Answer{"<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"}; // RFC 6120 §6.4.2
        return translate_plain(message);
    }
    // Sent before the client has read the <failure/> of its exchange: nothing is tried by it, nothing counts.
    if (!login_->exchange && failed_logins_ > 0)
        return Answer{sasl_failure(profile, kind == SaslElement::Kind::Abort ? "aborted" : "malformed-request")};
    if (login_->exchange != profile)
        return StreamError{Condition::PolicyViolation, "No SASL exchange is going on"};
    if (!offer.translated)
        return addressed(stanza.packet, login_->ask(AuthKind::Sasl));
    return kind == SaslElement::Kind::Response ? translate_plain(message) : Admission{sasl_failed(profile, "aborted")};
}

void Session::count_failure(std::string_view mechanism)
{
    if (login().failed(mechanism))
        ++failed_logins_;
}

Answer Session::sasl_failed(SaslProfile profile, std::string_view condition)
{
    login_->exchange.reset();
    count_failure(login_->mechanism);
    return {.xml = sasl_failure(profile, condition), .refusal = std::string{condition}};
}

std::variant<Outbound, Answer, StreamError> Session::translate_plain(std::string_view message)
{
    auto translated = iq_auth_of_plain(message, host_, alias_, assigned_resource());
    if (const auto *condition = std::get_if<SaslCondition>(&translated))
        return sasl_failed(SaslProfile::Rfc6120, condition->name);
    jabberd_packet packet{};
    packet.size = sizeof packet;
    packet.name = view("iq");
    packet.type = view("set");
    return addressed(packet, login_->ask(AuthKind::Plain), std::move(std::get<std::string>(translated)));
}

std::variant<Outbound, Answer, StreamError> Session::admit_bind(const xml::Stanza &stanza)
{
    if (text(stanza.packet.name) == "resume" && text(stanza.packet.xmlns) == stream::ns::management)
        return admit_resume(stanza);
    if (auth_kind(stanza) != AuthKind::Bind)
        return StreamError{Condition::NotAuthorized, "Bind a resource first"};
    if (split_address(identity_).resource.empty())
        return addressed(stanza.packet, login().ask(AuthKind::Bind, stanza.packet.id));
    // The session manager has named the session at login: it knows no binding.
    // A session manager with a name of its own has that in the session id; its users are of the host all the same.
    const Address session = split_address(identity_);
    const std::string jid = std::string{session.user} + '@' + host_ + '/' + std::string{session.resource};
    Answer answer{.xml = bind_result(stanza.packet.id, same_host(session.host, host_) ? identity_ : jid),
                  .logged_in = true};
    bind(std::string{identity_});
    return answer;
}

// In place of binding: the session is one that another connection had.
Session::Admission Session::admit_resume(const xml::Stanza &stanza)
{
    if (!relays(stream::ns::management))
        return StreamError{Condition::NotAuthorized, "Streams are not resumed here"};
    return addressed(stanza.packet, login().ask(AuthKind::Resume));
}

Outbound Session::addressed(jabberd_packet packet, std::string nonce, std::optional<std::string> body)
{
    packet.sto = view(sto());
    packet.sfrom = view(address_);
    // No user yet: a `from` would be believed by whatever serves the name in the stream header, a gateway that takes
    // registrations for one.
    packet.from = {};
    return Outbound{packet, std::move(nonce), std::move(body)};
}

Verdict Session::receive_answer(const Login::Answer &answer, jabberd_packet &packet, std::string_view sfrom,
                                Offers &offers)
{
    switch (answer.kind) {
    case AuthKind::None: break;
    case AuthKind::Sasl: return sasl_answered(packet, sfrom);
    case AuthKind::Features:
        if (auto offer = offers.read(packet)) {
            want(std::move(offer->wants));
            login_->offer = std::move(*offer);
        } else
            assume_iq_auth(allows_plain(login_->connection));
        return {Meaning::Features};
    case AuthKind::Resume: return resume_answered(packet, sfrom);
    case AuthKind::Introduction:
        if (auto offer = offers.read(packet))
            want(std::move(offer->wants));
        return {Meaning::Introduced};
    case AuthKind::Question:
    case AuthKind::Login:
    case AuthKind::Bind:
    case AuthKind::Plain:
        if (text(packet.name) != "iq" || (text(packet.type) != "result" && text(packet.type) != "error"))
            break;
        if (answer.kind == AuthKind::Question)
            return {text(packet.type) == "error" ? Meaning::Refused : Meaning::Pass};
        if (answer.kind == AuthKind::Plain)
            return plain_answered(packet, sfrom);
        return answer.kind == AuthKind::Login ? login_answered(packet, sfrom) : bind_answered(packet, sfrom);
    }
    return {Meaning::Impossible};
}

Verdict Session::login_answered(const jabberd_packet &packet, std::string_view sfrom)
{
    if (text(packet.type) == "error") {
        count_failure(packet::ns::iq_auth);
        return {Meaning::LoginFailed};
    }
    if (split_address(sfrom).user.empty())
        return {Meaning::Impossible};
    bind(sfrom);
    return {Meaning::LoggedIn};
}

Verdict Session::sasl_answered(jabberd_packet &packet, std::string_view sfrom)
{
    const std::string_view name = text(packet.name);
    const auto profile = login_->exchange;
    if (!profile || text(packet.xmlns) != xmlns_of(*profile))
        return {Meaning::Impossible};
    if (name == "challenge" || (name == "continue" && *profile == SaslProfile::Sasl2))
        return {Meaning::Pass};
    login_->exchange.reset();
    if (name == "failure") {
        count_failure(login_->mechanism);
        return {Meaning::LoginFailed};
    }
    const Address who = split_address(sfrom);
    if (name != "success" || who.user.empty())
        return {Meaning::Impossible};
    if (*profile == SaslProfile::Sasl2 && !who.resource.empty()) {
        bind(sfrom);
        return {Meaning::LoggedIn, Next::Features};
    }
    identity_ = sfrom;
    state_ = State::Authenticated;
    is_handle_ = text(packet.type) == "handle";
    packet.type = {};
    return {Meaning::Authenticated, *profile == SaslProfile::Sasl2 ? Next::Features : Next::Stream};
}

// The client knows nothing of jabber:iq:auth: it is told in the words of SASL.
Verdict Session::plain_answered(jabberd_packet &packet, std::string_view sfrom)
{
    const bool accepted = text(packet.type) == "result";
    login_->exchange.reset();
    const bool broken = !accepted && is_server_error(packet);
    packet = {};
    packet.size = sizeof packet;
    packet.xmlns = view(packet::ns::sasl);
    packet.name = view(accepted ? "success" : "failure");
    if (!accepted) {
        packet.body = view(broken ? "<temporary-auth-failure/>" : "<not-authorized/>");
        count_failure(login_->mechanism);
        return {Meaning::LoginFailed};
    }
    if (split_address(sfrom).user.empty() || split_address(sfrom).resource.empty())
        return {Meaning::Impossible};
    identity_ = sfrom;
    state_ = State::Authenticated;
    return {Meaning::Authenticated, Next::Stream};
}

Verdict Session::bind_answered(const jabberd_packet &packet, std::string_view sfrom)
{
    if (text(packet.type) == "error") {
        ++failed_logins_;
        return {Meaning::LoginFailed};
    }
    if (!may_be_bound_as(sfrom))
        return {Meaning::Impossible};
    bind(sfrom);
    return {Meaning::LoggedIn};
}

Verdict Session::resume_answered(const jabberd_packet &packet, std::string_view sfrom)
{
    if (text(packet.xmlns) != stream::ns::management)
        return {Meaning::Impossible};
    if (text(packet.name) == "failed")
        return {Meaning::Relay};
    if (text(packet.name) != "resumed" || !may_be_bound_as(sfrom))
        return {Meaning::Impossible};
    bind(sfrom);
    return {Meaning::LoggedIn};
}

// What is authenticated as one user cannot be bound as another, unless its session manager did not know of which.
bool Session::may_be_bound_as(std::string_view session_id) const
{
    const Address session = split_address(session_id);
    if (session.resource.empty() || session.user.empty())
        return false;
    return is_handle_ || bare_address(session_id) == identity_;
}

std::optional<Outbound> Session::abandon()
{
    if (!login_ || !login_->exchange || !login_->offer || login_->offer->translated)
        return std::nullopt;
    jabberd_packet packet{};
    packet.size = sizeof packet;
    packet.xmlns = view(xmlns_of(*login_->exchange));
    packet.name = view("abort");
    login_->exchange.reset();
    return addressed(packet, login_->ask(AuthKind::Sasl));
}

} // namespace jabberd::session
