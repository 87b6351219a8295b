// SPDX-License-Identifier: LGPL-2.1-or-later
// Until a stream is open, and what it offers (RFC 6120 §4.3).
#include "connection/conversation.h"

#include "base/address.h"
#include "base/random.h"
#include "base/view.h"
#include "connection/opening.h"
#include "stream/header.h"
#include "stream/management.h"
#include "stream/namespaces.h"
#include "stream/stream_features.h"

namespace jabberd::connection {

namespace {

using stream::Condition;
using stream::StreamError;

// A session manager that does not know the question is silent at worst; its clients should not give up meanwhile.
constexpr Duration features_patience = std::chrono::seconds{5};

} // namespace

void Conversation::open(const xml::StreamHeader &sent)
{
    xml::StreamHeader header = sent;
    if (!session_ && text(header.to).empty() && !options().default_host.empty())
        header.to = view(options().default_host);
    stream_id_ = random_id();
    // A client that opens its stream anew may leave out whom it talks to.
    const bool continues = session_ && !present(header.to);
    auto refused = continues ? std::nullopt : stream::refusal(header);
    // It is routed to ourselves, where there are no sessions.
    if (!refused && !continues && same_host(options().real_host(text(header.to)), options().host))
        refused = StreamError{Condition::HostUnknown, "Nobody of that name is served here"};
    // We are who the client asked for, under that name (RFC 6120 §4.7.1): it may compare the two. jabberd has answered
    // with the host behind an alias, and no client was seen to need it.
    client_.write_header(header, refused ? std::string_view{} : text(header.to), stream_id_);
    if (!refused)
        refused = begin_session(header, continues);
    if (refused)
        return client_.end(*refused);
    client_.use(rules());
    const std::string &elsewhere = options().see_other_host;
    if (!elsewhere.empty() && !session_->authenticated() && may_log_in())
        return client_.end({Condition::SeeOtherHost, "New clients are served elsewhere", elsewhere});
    if (!stream::expects_features(header))
        return introduce();
    session_->speak(text(header.lang));
    offer_features(text(header.from));
}

std::optional<StreamError> Conversation::begin_session(const xml::StreamHeader &header, bool continues)
{
    const std::string_view asked = without_final_dot(text(header.to));
    const std::string_view host = options().real_host(asked);
    if (!session_) {
        session_.emplace(std::move(address_), routed_name(host));
        if (!options().advertise_registration)
            session_->hide_registration();
    } else if (!continues && !same_host(asked, session_->alias()) && !same_host(host, session_->host())) {
        return StreamError{Condition::HostUnknown, "The login was for another server"};
    }
    if (!continues)
        session_->known_as(asked);
    return {};
}

void Conversation::offer_features(std::string_view claimed_from)
{
    if (!may_log_in())
        return write_features();
    // One that knows jabber:iq:auth only has said so before the login, and takes the question for a stanza behind it.
    const bool is_known = session_->authenticated() && session_->is_translated();
    if (is_known || options().sasl == config::SessionManagerSasl::No) {
        session_->assume_iq_auth(may_send_plain());
        return write_features();
    }
    ask_features(claimed_from);
}

void Conversation::ask_features(std::string_view claimed_from)
{
    if (options().sasl == config::SessionManagerSasl::Ask)
        client_.set_deadline(Deadline::Features, around().now() + features_patience);
    session::Outbound question = session_->ask_features(connection_element(), claimed_from);
    if (session_->bound()) // it is no stanza of the client, who does not wait for it: it is not counted, nor kept
        return around().host().deliver(question.packet());
    deliver(question);
}

// The session manager shares what it has among addresses, and is told this one by the question.
void Conversation::introduce()
{
    if (session_->authenticated() || !may_log_in() || options().sasl == config::SessionManagerSasl::No)
        return;
    if (options().sasl == config::SessionManagerSasl::Ask && !around().shared.answering.has(session_->host()))
        return;
    session::Outbound question = session_->introduce(connection_element());
    deliver(question);
}

std::string Conversation::connection_element() const
{
    session::ConnectionInfo info = connection_info(client_.socket(), client_.from(), options());
    info.websocket = client_.over_websocket();
    return session::connection_element(info);
}

void Conversation::features_overdue()
{
    if (session_ && session_->asks_features())
        assume_iq_auth("it has not answered what it offers");
}

void Conversation::assume_iq_auth(std::string_view why)
{
    around().host().log(JABBERD_LOG_WARNING,
                        "taking the session manager " + session_->host() +
                            " for one that knows jabber:iq:auth only, for " + std::string{why} +
                            "; <sasl>no</sasl> or <sasl>yes</sasl> in the configuration saves the question",
                        {{"CONNECTION", session_->address()}});
    around().shared.answering.note(session_->host(), false);
    session_->assume_iq_auth(may_send_plain());
    write_features();
    client_.go_on();
}

void Conversation::write_features()
{
    client_.set_deadline(Deadline::Features, never);
    stream::Features features;
    // Not inside of a WebSocket (RFC 7395 §3.9).
    if (!secure() && around().certificates != nullptr && !session_->authenticated() && !client_.over_websocket())
        features.starttls = around().tls_required() ? stream::StartTls::Required : stream::StartTls::Optional;
    features.max_stanza_bytes = rules().limits.bytes; // as they are enforced
    std::string others = session_->take_features();
    const bool are_managed = others.find(stream::ns::management) != std::string::npos;
    if (manages_stream() && !client_.managed() && !are_managed) // a client that sees it again enables it again
        stream::append_management_feature(others);
    else if (!authenticated() && offers_management() && !are_managed)
        around().offers.add_inline_management(others);
    if (authenticated() && !session_->relays(stream::ns::client_state) &&
        others.find(stream::ns::client_state) == std::string::npos)
        stream::append_client_state_feature(others);
    features.others = others;
    std::string out;
    stream::append_features(out, features);
    client_.write(out);
}

void Conversation::start_tls()
{
    if (secure() || around().certificates == nullptr || client_.over_websocket())
        return client_.end({Condition::PolicyViolation, secure() ? "This is TLS already" : "TLS is not offered here"});
    if (!session_->at_rest())
        return client_.end({Condition::PolicyViolation, "Too late for TLS"});
    client_.write(stream::tls_proceed());
    client_.start_tls();
}

void Conversation::forget()
{
    address_ = address();
    session_.reset();
}

} // namespace jabberd::connection
