// SPDX-License-Identifier: LGPL-2.1-or-later
#include "component_stream/wire/stream.h"

#include "base/host_name.h"
#include "base/view.h"
#include "component_stream/wire/handshake.h"
#include "packet/stanza_rules.h"
#include "xml/document.h"
#include "xml/escape.h"
#include "xml/namespaces.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace jabberd::component_stream {

namespace {

using stream::Condition;
using stream::StreamError;

constexpr std::string_view component_namespace = "jabber:component:accept";
constexpr std::string_view sockets_namespace = "jabberd:sockets"; // of jabberd 1.1
constexpr std::string_view bare_root = "<root>";                  // and what opens it there
constexpr std::string_view declaration = "<?xml version='1.0'?>";

// A handshake is all that there is before; the same as a client may send before its login.
constexpr xml::Limits before_handshake{
    .bytes = 10000, .elements = 32, .attributes = 32, .depth = 16, .name_bytes = 256};

constexpr StreamError wrong_handshake{Condition::NotAuthorized,
                                      "The handshake is wrong: both ends must share one word"};

void append_header(std::string &out, std::string_view xmlns)
{
    out += declaration;
    out += "<stream:stream";
    xml::append_attribute(out, "xmlns:stream", xml::ns::streams);
    xml::append_attribute(out, "xmlns", xmlns);
}

// The text of an element without children, without the white space around it.
std::string_view trimmed(std::string_view body)
{
    constexpr std::string_view white_space = " \t\r\n";
    const auto begin = body.find_first_not_of(white_space);
    if (begin == std::string_view::npos)
        return {};
    return body.substr(begin, body.find_last_not_of(white_space) - begin + 1);
}

class Count final : public xml::Events {
public:
    unsigned headers = 0, others = 0;

private:
    void on_stream_header(const xml::StreamHeader &) override { ++headers; }
    void on_stanza(const xml::Stanza &) override { ++others; }
    void on_stream_end() override { ++others; }
};

// Whether a parser can be readied by it: another component's word, in a snapshot.
bool is_primer(std::string_view primer)
{
    Count events;
    xml::Parser parser;
    const xml::Rules unlimited{.limits = xml::no_limits};
    return primer.empty() || (parser.feed(primer, unlimited, events) == xml::Fault::None && parser.at_boundary() &&
                              events.headers == 1 && events.others == 0);
}

} // namespace

Stream::Stream(const EndpointOptions &options, std::string_view service_id, StreamOwner &owner, std::string id)
    : options_(&options), service_id_(service_id), owner_(owner), id_(std::move(id))
{
}

void Stream::begin()
{
    std::string header;
    if (options_->dialect == Dialect::Session) {
        root_ = true;
        header = bare_root;
    } else {
        append_header(header, component_namespace);
        xml::append_attribute(header, "to", options_->greeting);
        header += '>';
    }
    header_sent_ = true;
    owner_.write(header);
}

void Stream::feed(std::string_view bytes)
{
    if (state_ == State::Refused || state_ == State::Ended)
        return; // what a peer sends behind its mistake is not looked at
    if (parser_->at_boundary() && parser_->worn_out())
        parser_ = std::make_unique<xml::Parser>(primer_);
    rules_ = rules();
    const xml::Fault fault = parser_->feed(bytes, rules_, *this);
    if (fault != xml::Fault::None) {
        unfinished_.clear();
        return fail(stream::error_of(fault));
    }
    if (parser_->stopped() || parser_->at_boundary())
        return unfinished_.clear();
    unfinished_ += bytes;
    unfinished_.erase(0, unfinished_.size() - std::min(unfinished_.size(), parser_->unfinished_bytes()));
}

xml::Rules Stream::rules() const
{
    xml::Rules rules = packet::stanza_rules(state_ == State::Open ? options_->stanza : before_handshake);
    rules.stream_elements = true; // each side may end the stream with an error
    return rules;
}

std::optional<StreamError> Stream::judge(const xml::StreamHeader &header) const
{
    if (options_->dialect == Dialect::Session) {
        if (header.primer == bare_root || (header.is_stream && header.content_namespace == sockets_namespace))
            return std::nullopt;
        return StreamError{Condition::InvalidNamespace, "This is for a jabberd 1.1: <root>, and jabberd:sockets"};
    }
    if (!header.is_stream || header.content_namespace != component_namespace)
        return StreamError{Condition::InvalidNamespace,
                           "This is for components: the default namespace must be jabber:component:accept"};
    if (options_->role == Role::Connect || options_->dialect == Dialect::Route)
        return std::nullopt; // a jabberd names itself there, by the id of a service
    const bool known =
        std::ranges::any_of(options_->hosts, [&](const std::string &host) { return same_host(host, text(header.to)); });
    if (!known)
        return StreamError{Condition::HostUnknown, "No component of that name is expected here"};
    return std::nullopt;
}

// Its attributes in the order of jabberd 1.4.
void Stream::answer_header()
{
    std::string out;
    out += declaration;
    out += "<stream:stream";
    xml::append_attribute(out, "xmlns:stream", xml::ns::streams);
    xml::append_attribute(out, "id", id_);
    xml::append_attribute(out, "xmlns",
                          options_->dialect == Dialect::Session ? sockets_namespace : component_namespace);
    if (options_->dialect == Dialect::Component && !name_.empty())
        xml::append_attribute(out, "from", name_);
    else if (options_->dialect == Dialect::Route)
        xml::append_attribute(out, "from", service_id_);
    out += '>';
    header_sent_ = true;
    owner_.write(out);
}

void Stream::on_stream_header(const xml::StreamHeader &header)
{
    primer_ = header.primer;
    content_namespace_ = header.content_namespace;
    const auto error = judge(header);
    if (options_->role == Role::Accept) {
        name_ = text(header.to);
        root_ = !header.is_stream && options_->dialect == Dialect::Session;
        answer_header(); // also before an error (RFC 6120 §4.9.1.2)
        if (error)
            return fail(*error);
        state_ = State::WaitForHandshake;
        return;
    }
    if (error)
        return fail(*error);
    id_ = text(header.id);
    if (id_.empty())
        return fail({Condition::BadFormat, "The stream header has no id, which the handshake is made of"});
    std::string out = "<handshake>";
    out += handshake_of(id_, options_->secret);
    owner_.write(out += "</handshake>");
    state_ = State::WaitForAnswer;
}

void Stream::on_stanza(const xml::Stanza &stanza)
{
    const std::string_view xmlns = text(stanza.packet.xmlns);
    if (xmlns == xml::ns::streams) {
        if (text(stanza.packet.name) == "error")
            return on_peer_error(stanza);
        if (text(stanza.packet.name) == "features")
            return; // there are none that we would want
        return fail({Condition::BadFormat, "This is no element of a stream"});
    }
    switch (state_) {
    case State::WaitForHandshake: return on_handshake(stanza);
    case State::WaitForAnswer: return on_answer(stanza);
    case State::Open: break;
    default: return;
    }
    // What is in the stream's namespace is a packet, as a client's is that is in jabber:client.
    if (!is_content(xmlns))
        return owner_.stanza(stanza);
    xml::Stanza packet = stanza;
    packet.packet.xmlns = {};
    owner_.stanza(packet);
}

void Stream::on_handshake(const xml::Stanza &stanza)
{
    if (text(stanza.packet.name) != "handshake" || !is_content(text(stanza.packet.xmlns)))
        return fail({Condition::NotAuthorized, "The first element must be <handshake/>"});
    if (is_handshake(trimmed(text(stanza.packet.body)), id_, options_->secret))
        return open();
    state_ = State::Refused;
    parser_->stop();
    owner_.wrong_secret();
}

void Stream::on_answer(const xml::Stanza &stanza)
{
    if (text(stanza.packet.name) != "handshake" || !is_content(text(stanza.packet.xmlns)))
        return fail({Condition::NotAuthorized, "The handshake is not answered"});
    open();
}

void Stream::open()
{
    if (const auto error = owner_.authenticated(name_))
        return fail(*error);
    state_ = State::Open;
    rules_ = rules(); // a server sends stanzas right behind its answer
    if (options_->role == Role::Accept)
        owner_.write("<handshake/>");
}

// Its condition, and its words: XMPP's, or the bare text of a jabberd before that.
void Stream::on_peer_error(const xml::Stanza &stanza)
{
    std::string condition = "undefined-condition", why;
    const auto document = xml::parse_body(text(stanza.packet.body), xml::ns::streams);
    const xmlNode *root = document ? xmlDocGetRootElement(document.get()) : nullptr;
    const xmlNode *child = root ? xmlFirstElementChild(const_cast<xmlNode *>(root)) : nullptr;
    if (child == nullptr && root != nullptr)
        why = xml::content(root);
    for (; child != nullptr; child = xmlNextElementSibling(const_cast<xmlNode *>(child))) {
        if (xml::name_of(*child) == "text")
            why = xml::content(child);
        else
            condition = xml::name_of(*child);
    }
    if (state_ == State::WaitForAnswer && (condition == "not-authorized" || condition == "undefined-condition"))
        condition = "not-authorized"; // jabberd 1.1 says "Invalid Handshake", and nothing else
    parser_->stop();
    end(StreamOwner::End::PeerError, condition, why);
}

void Stream::on_stream_end()
{
    end(StreamOwner::End::Closed, {}, "the peer has closed its stream");
}

void Stream::fail(const StreamError &error)
{
    if (state_ == State::Ended)
        return;
    parser_->stop();
    if (!header_sent_)
        answer_header();
    std::string out;
    // A <root> declares no prefix.
    if (root_ && options_->role == Role::Connect)
        out = "</root>";
    else
        stream::append_stream_error(out, error);
    if (!root_ || options_->role == Role::Accept)
        out += "</stream:stream>";
    owner_.write(out);
    end(StreamOwner::End::OurError, stream::name(error.condition), error.text);
}

void Stream::refuse()
{
    fail(wrong_handshake);
}

void Stream::end(StreamOwner::End end, std::string_view condition, std::string_view why)
{
    if (std::exchange(state_, State::Ended) != State::Ended)
        owner_.ended(end, condition, why);
}

Stream::Value Stream::save() const
{
    return {state_, id_, name_, primer_, content_namespace_, unfinished_, root_, header_sent_};
}

void Stream::restore(Value value)
{
    state_ = value.state;
    id_ = std::move(value.id);
    name_ = std::move(value.name);
    primer_ = std::move(value.primer);
    content_namespace_ = std::move(value.content_namespace);
    root_ = value.root;
    header_sent_ = value.header_sent;
    if (state_ == State::Refused || state_ == State::Ended)
        return; // nothing is read any more
    if ((state_ == State::WaitForHeader) != primer_.empty() || !is_primer(primer_))
        throw std::runtime_error{"a stream whose header is none"};
    parser_ = std::make_unique<xml::Parser>(primer_);
    if (value.unfinished.empty())
        return;
    unfinished_ = std::move(value.unfinished);
    xml::Rules unlimited = rules();
    unlimited.limits = xml::no_limits; // those of the predecessor have let it in
    Count events;
    if (parser_->feed(unfinished_, unlimited, events) != xml::Fault::None || events.headers + events.others != 0)
        throw std::runtime_error{"an unfinished element that is finished, or none"};
}

} // namespace jabberd::component_stream
