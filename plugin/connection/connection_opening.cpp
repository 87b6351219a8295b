// SPDX-License-Identifier: LGPL-2.1-or-later
// Streams and what they offer; the change from plaintext to TLS.
#include "connection/connection.h"

#include "base/address.h"
#include "base/random.h"
#include "base/view.h"
#include "connection/worker.h"
#include "packet/stanza_rules.h"
#include "stream/header.h"
#include "stream/stream_features.h"

#include <algorithm>

namespace jabberd::connection {

namespace {

using stream::Condition;
using stream::StreamError;

// A session manager that does not know the question is silent at worst; its clients should not give up meanwhile.
constexpr Duration features_patience = std::chrono::seconds{5};

// As the session manager will spell it, so that its answers need no second look: a client may type BÜCHER.example. An
// A-label was chosen on purpose, by a client or by an operator of a server that does not know what it means.
std::string routed_name(std::string_view host)
{
    const bool is_ascii = std::ranges::all_of(host, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    return is_ascii ? std::string{host} : host_in_unicode(host).value_or(std::string{host});
}

} // namespace

void Connection::on_stream_header(const xml::StreamHeader &sent)
{
    const config::Options &options = worker_.options();
    xml::StreamHeader header = sent;
    if (!session_ && text(header.to).empty() && !options.default_host.empty())
        header.to = view(options.default_host);
    stream_id_ = random_id();
    if (!xml::is_usual_primer(header.primer))
        primer_ = header.primer;
    // A client that opens its stream anew may leave out whom it talks to.
    const bool continues = session_ && !present(header.to);
    auto refused = continues ? std::nullopt : stream::refusal(header);
    // It is routed to ourselves, where there are no sessions.
    if (!refused && !continues && same_host(options.real_host(text(header.to)), options.host))
        refused = StreamError{Condition::HostUnknown, "Nobody of that name is served here"};
    std::string answer;
    // We are who the client asked for, under that name (RFC 6120 §4.7.1): it may compare the two. jabberd has answered
    // with the host behind an alias, and nobody was seen to need it.
    stream::append_answer(answer, header, refused ? std::string_view{} : text(header.to), stream_id_);
    queue().append(answer);
    queued();
    state_ = State::Open;
    if (refused)
        return end(*refused);
    const std::string_view asked = without_final_dot(text(header.to));
    const std::string_view host = options.real_host(asked);
    if (!session_) {
        session_.emplace(std::move(address_), routed_name(host));
        if (!options.advertise_registration)
            session_->hide_registration();
    } else if (!continues && !same_host(asked, session_->alias()) && !same_host(host, session_->host())) {
        return end({Condition::HostUnknown, "The login was for another server"});
    }
    if (!continues)
        session_->known_as(asked);
    *rules_ = packet::stanza_rules(rules_->limits, stream_id_);
    const std::string &elsewhere = options.see_other_host;
    if (!elsewhere.empty() && !session_->authenticated() && may_log_in())
        return end({Condition::SeeOtherHost, "New clients are served elsewhere", elsewhere});
    if (!stream::expects_features(header))
        return;
    session_->speak(text(header.lang));
    offer_features();
}

// After a login, or inside TLS: the client begins again, and knows nothing of before but who it is.
void Connection::restart_stream()
{
    state_ = State::Opening;
    if (feeding_ != nullptr)
        feeding_->stop();
    parser_.reset();
    finish_by_ = never;
    std::string{}.swap(primer_);
}

bool Connection::may_log_in() const
{
    return secure() || !worker_.tls_required();
}

bool Connection::may_send_plain() const
{
    return secure() || worker_.options().plain_in_the_clear;
}

void Connection::offer_features()
{
    if (!may_log_in())
        return write_features();
    // One that knows jabber:iq:auth only has said so before the login, and takes the question for a stanza behind it.
    const bool is_known = session_->authenticated() && session_->is_translated();
    if (is_known || worker_.options().sasl == config::SessionManagerSasl::No) {
        session_->assume_iq_auth(may_send_plain());
        return write_features();
    }
    ask_features();
}

void Connection::ask_features()
{
    if (worker_.options().sasl == config::SessionManagerSasl::Ask) {
        answer_by_ = worker_.loop().now() + features_patience;
        arm();
    }
    deliver(session_->ask_features(session::connection_element(connection_info())));
}

void Connection::assume_iq_auth(std::string_view why)
{
    worker_.plant().host.log(JABBERD_LOG_WARNING,
                             "taking the session manager " + session_->host() +
                                 " for one that knows jabber:iq:auth only, for " + std::string{why} +
                                 "; <sasl>no</sasl> or <sasl>yes</sasl> in the configuration saves the question",
                             {{"CONNECTION", session_->address()}});
    session_->assume_iq_auth(may_send_plain());
    write_features();
    read_on();
}

void Connection::write_features()
{
    answer_by_ = never;
    stream::Features features;
    if (!secure() && worker_.certificates() != nullptr && !session_->authenticated())
        features.starttls = worker_.tls_required() ? stream::StartTls::Required : stream::StartTls::Optional;
    features.max_stanza_bytes = stanza_limits().bytes;
    const std::string others = session_->take_features();
    features.others = others;
    std::string out;
    stream::append_features(out, features);
    queue().append(out);
    queued();
}

// <starttls/> (RFC 6120 §5.4.2). What the client has sent behind it in the clear is not looked at: anybody may have put
// it there.
void Connection::proceed_to_tls()
{
    if (secure() || worker_.certificates() == nullptr)
        return end({Condition::PolicyViolation, secure() ? "This is TLS already" : "TLS is not offered here"});
    if (!session_->at_rest())
        return end({Condition::PolicyViolation, "Too late for TLS"});
    state_ = State::Proceeding;
    if (feeding_ != nullptr)
        feeding_->stop();
    queue().append(stream::tls_proceed());
    queued();
    flush();
}

void Connection::begin_tls(tls::Mode mode)
{
    auto &plain = static_cast<net::PlainTransport &>(*transport_);
    const std::string name = certificate_name();
    auto encrypted = std::make_unique<tls::TlsTransport>(plain.release(), worker_.certificates(), name, mode);
    tls_ = encrypted.get();
    transport_ = std::move(encrypted);
    if (session_)
        address_ = session_->address();
    session_.reset();
    std::string{}.swap(unread_);
    restart_stream();
}

// For a client that does not say by SNI whom it wants: as it has called us, as we are called, where it has come to.
std::string Connection::certificate_name() const
{
    std::vector<std::string> names;
    if (session_)
        names = {session_->alias(), session_->host()};
    names.push_back(net::SocketAddress::of(transport_->fd()).host());
    const auto known = std::ranges::find_if(
        names, [this](const std::string &name) { return worker_.certificates()->find(name) != nullptr; });
    return known == names.end() ? std::string{} : *known;
}

session::ConnectionInfo Connection::connection_info() const
{
    session::ConnectionInfo info{from_.host(), from_.port(), worker_.options().plain_in_the_clear, std::nullopt};
    if (!secure())
        return info;
    info.tls = {tls_->version(), tls_->cipher(), {}};
    tls::ChannelBindings bindings = tls_->channel_bindings();
    const auto add = [&](std::string_view type, std::string &data) {
        if (!data.empty())
            info.tls->channel_bindings.push_back({type, std::move(data)});
    };
    add("tls-exporter", bindings.exporter);
    add("tls-unique", bindings.unique);
    add("tls-server-end-point", bindings.server_end_point);
    return info;
}

} // namespace jabberd::connection
