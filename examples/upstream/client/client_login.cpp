// SPDX-License-Identifier: LGPL-2.1-or-later
// Until a resource is bound: what is offered, and who the client is.
#include "upstream/client/client.h"

#include "base/address.h"
#include "base/view.h"
#include "packet/namespaces.h"
#include "stream/namespaces.h"
#include "xml/document.h"
#include "xml/escape.h"

#include <jabberd/session.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace jabberd::upstream {

namespace {

// What of our socket manager's protocol helps a server's client, and what of the server's own passes.
constexpr std::string_view wants =
    "<wants xmlns='" JABBERD_NS_WANTS "'><end/><relay>urn:xmpp:sm:3</relay><relay>urn:xmpp:csi:0</relay></wants>";

constexpr std::size_t max_waiting = 16;

bool is_sasl(std::string_view xmlns)
{
    return xmlns == packet::ns::sasl || xmlns == packet::ns::sasl2;
}

// The first child of the packet in that namespace, of a body that lives as long as the document.
const xmlNode *child_of(const xml::DocumentPtr &document, std::string_view name, std::string_view xmlns)
{
    return document ? xml::child(xmlDocGetRootElement(document.get()), name, xmlns) : nullptr;
}

std::string text_of_child(const xmlNode *parent, std::string_view name)
{
    const xmlNode *node = parent == nullptr ? nullptr : xml::child(parent, name, xml::namespace_of(*parent));
    return node == nullptr ? std::string{} : xml::content(node);
}

std::string_view attribute_of(const jabberd_packet &packet, std::string_view name)
{
    for (std::size_t i = 0; i < packet.attribute_count; ++i) {
        if (text(packet.attributes[i].name) == name)
            return text(packet.attributes[i].value);
    }
    return {};
}

} // namespace

Caller Client::caller() const
{
    return {host_, from_, lang_, client_};
}

// A user that is not known yet (include/jabberd/session.h, "SASL"): one that no server has.
std::string Client::handle() const
{
    std::string user = address_.substr(0, address_.find('@')) + "-" + address_.substr(address_.rfind('/') + 1);
    std::ranges::replace(user, '/', '-');
    return user + '@' + host_;
}

void Client::question(const jabberd_packet &packet)
{
    question_ = text(packet.id);
    if (phase_ >= Phase::Authenticated) {
        if (const auto offered = std::exchange(offered_, std::nullopt))
            answer_question(*offered);
        return;
    }
    host_ = split_address(text(packet.sto)).host;
    const auto document = xml::parse_body(text(packet.body));
    const xmlNode *query = child_of(document, "query", JABBERD_NS_FEATURES);
    if (query == nullptr)
        return;
    from_ = xml::attribute(query, "from");
    for (const xmlAttr *attribute = query->properties; attribute != nullptr; attribute = attribute->next) {
        if (attribute->ns != nullptr && reinterpret_cast<const char *>(attribute->name) == std::string_view{"lang"} &&
            attribute->children != nullptr && attribute->children->content != nullptr)
            lang_ = reinterpret_cast<const char *>(attribute->children->content);
    }
    if (const xmlNode *connection = xml::child(query, "connection", JABBERD_NS_CONNECTION)) {
        std::uint16_t port = 0;
        const std::string_view digits = xml::attribute(connection, "port");
        std::from_chars(digits.data(), digits.data() + digits.size(), port);
        client_ = net::SocketAddress::parse(xml::attribute(connection, "address"), port);
        security_.tls = xml::child(connection, "tls", JABBERD_NS_CONNECTION) != nullptr;
        security_.plain = xml::attribute(connection, "plain") == "yes";
    }
    if (const auto known = owner_.offer_for(*this, caller()))
        answer_question(*known);
    else
        around_.loop.timers().set(alarm_, around_.loop.now() + around_.options->patience);
}

void Client::offer(std::string_view features)
{
    if (phase_ < Phase::Authenticated && !question_.empty())
        answer_question(features);
}

void Client::answer_question(std::string_view features)
{
    if (phase_ == Phase::Asking)
        alarm_.cancel();
    std::string body = "<query xmlns='" JABBERD_NS_FEATURES "'>";
    body += offered_features(features, security_);
    body.append(wants).append("</query>");
    const std::string id = std::exchange(question_, {});
    jabberd_packet packet{};
    packet.name = view("iq");
    packet.type = view("result");
    packet.id = view(id);
    packet.body = view(body);
    deliver(packet, host_);
}

// Before a resource is bound.
void Client::login_packet(const jabberd_packet &packet)
{
    if (is_features_question(packet))
        return question(packet);
    switch (phase_) {
    case Phase::Asking:
        if (text(packet.name) == "abort")
            return;        // it goes, and nothing has begun
        if (host_.empty()) // a stream of before XMPP, whose client is not introduced
            host_ = split_address(text(packet.sto)).host;
        waiting_.emplace_back(packet);
        phase_ = Phase::Queued;
        return owner_.queue_login(*this);
    case Phase::Queued:
    case Phase::Dialling:
        if (waiting_.size() < max_waiting)
            waiting_.emplace_back(packet);
        return;
    default: return note_login(packet);
    }
}

// What the answer will mean; then it is the server's.
void Client::note_login(const jabberd_packet &packet)
{
    if (is_sasl(text(packet.xmlns)) || text(packet.xmlns) == stream::ns::management) {
        nonce_ = text(packet.id);
        resumed_ = attribute_of(packet, "previd");
        jabberd_packet element = packet;
        element.id = {};
        // <connection/> is between the socket manager and us.
        const std::string_view body = text(packet.body);
        constexpr std::string_view begin = "<connection xmlns='" JABBERD_NS_CONNECTION "'";
        std::string rest;
        if (body.starts_with(begin)) {
            const auto document = xml::parse_body(body, text(packet.xmlns));
            const xmlNode *connection = child_of(document, "connection", JABBERD_NS_CONNECTION);
            if (connection != nullptr)
                rest = xml::children_text(xmlDocGetRootElement(document.get()), connection);
            element.body = view(rest);
        }
        return write(element);
    }
    PendingIq pending{std::string{text(packet.id)}, {}, false};
    const auto document = xml::parse_body(text(packet.body));
    pending.binds = child_of(document, "bind", packet::ns::bind) != nullptr;
    if (const xmlNode *query = child_of(document, "query", packet::ns::iq_auth);
        query != nullptr && text(packet.type) == "set")
        pending.session = text_of_child(query, "username") + '@' + host_ + '/' + text_of_child(query, "resource");
    pending_.push_back(std::move(pending));
    write(packet);
}

void Client::element(const xml::Stanza &stanza)
{
    if (phase_ >= Phase::Leaving)
        return;
    const std::string_view xmlns = text(stanza.packet.xmlns);
    if (is_sasl(xmlns))
        return sasl_element(stanza.packet);
    if (xmlns == stream::ns::management)
        return stream_management(stanza.packet);
    if (!xmlns.empty())
        return; // nothing else is relayed; and what is between the socket manager and us is not the server's to say
    if (text(stanza.packet.name) == "iq" && login_answer(stanza.packet))
        return;
    if (phase_ == Phase::Authenticated || phase_ == Phase::Bound)
        stanza_of_server(stanza);
}

void Client::sasl_element(jabberd_packet packet)
{
    if (phase_ != Phase::Login || nonce_.empty())
        return;
    const std::string id = std::exchange(nonce_, {});
    packet.id = view(id);
    if (text(packet.name) == "success")
        return success(packet);
    if (text(packet.name) == "failure")
        ++around_.counters.refused;
    deliver(packet, host_);
}

void Client::success(jabberd_packet packet)
{
    offered_.reset();
    const auto document = xml::parse_body(text(packet.body), text(packet.xmlns));
    if (text(packet.xmlns) == packet::ns::sasl2) {
        note_stream_management(packet);
        const xmlNode *who = child_of(document, "authorization-identifier", packet::ns::sasl2);
        const std::string jid = who == nullptr ? std::string{} : xml::content(who);
        if (!split_address(jid).resource.empty())
            return bound_as(jid, packet);
        if (!split_address(jid).user.empty())
            identity_ = std::string{split_address(jid).user} + '@' + host_;
    }
    phase_ = Phase::Authenticated;
    if (identity_.empty()) {
        identity_ = handle();
        packet.type = view("handle");
    }
    if (text(packet.xmlns) == packet::ns::sasl)
        link_->open_anew(caller());
    deliver(packet, identity_);
}

void Client::bound_as(std::string_view jid, const jabberd_packet &packet)
{
    const Address who = split_address(jid);
    identity_ = std::string{who.user} + '@' + host_ + '/' + std::string{who.resource};
    phase_ = Phase::Bound;
    alarm_.cancel();
    ++around_.counters.logins;
    pending_.clear();
    deliver(packet, identity_);
}

// False: it is no answer to anything of the login.
bool Client::login_answer(jabberd_packet packet)
{
    const auto asked = std::ranges::find(pending_, text(packet.id), &PendingIq::id);
    if (asked == pending_.end() || (text(packet.type) != "result" && text(packet.type) != "error"))
        return false;
    const PendingIq question = std::move(*asked);
    pending_.erase(asked);
    const bool is_error = text(packet.type) == "error";
    if (is_error && (question.binds || !question.session.empty()))
        ++around_.counters.refused;
    if (!is_error && !question.session.empty()) {
        bound_as(question.session, packet);
        return true;
    }
    if (!is_error && question.binds) {
        const auto document = xml::parse_body(text(packet.body));
        const std::string jid = text_of_child(child_of(document, "bind", packet::ns::bind), "jid");
        if (split_address(jid).resource.empty()) {
            end("internal-server-error", "The server has bound nothing");
            return true;
        }
        bound_as(jid, packet);
        return true;
    }
    deliver(packet, identity_.empty() ? host_ : identity_);
    return true;
}

// Where XEP-0198 is enabled or resumed together with the login (XEP-0388, XEP-0386).
void Client::note_stream_management(const jabberd_packet &packet)
{
    if (text(packet.body).find(stream::ns::management) == std::string_view::npos)
        return;
    const auto document = xml::parse_body(text(packet.body), text(packet.xmlns));
    const auto has = [&](const xmlNode *parent, std::string_view name) {
        const xmlNode *node = parent == nullptr ? nullptr : xml::child(parent, name, stream::ns::management);
        if (node == nullptr)
            return false;
        acks_.mode = Acks::Mode::Client;
        return true;
    };
    if (!document)
        return;
    const xmlNode *root = xmlDocGetRootElement(document.get());
    if (!has(root, "resumed"))
        has(xml::child(root, "bound", "urn:xmpp:bind:0"), "enabled");
}

} // namespace jabberd::upstream
