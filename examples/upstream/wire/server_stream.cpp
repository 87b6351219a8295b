// SPDX-License-Identifier: LGPL-2.1-or-later
#include "upstream/wire/server_stream.h"

#include "base/view.h"
#include "packet/stanza_rules.h"
#include "xml/document.h"
#include "xml/escape.h"
#include "xml/namespaces.h"

#include <algorithm>
#include <stdexcept>

namespace jabberd::upstream {

namespace {

constexpr std::string_view condition_namespace = "urn:ietf:params:xml:ns:xmpp-streams";

} // namespace

std::string ServerStream::open(std::string_view host, std::string_view from, std::string_view lang)
{
    if (feeding_)
        parser_->stop(); // it is still on its way out of the event that we are called from
    else
        parser_.reset();
    unfinished_.clear();
    header_due_ = true;
    std::string out = "<?xml version='1.0'?><stream:stream xmlns='jabber:client'";
    xml::append_attribute(out, "xmlns:stream", xml::ns::streams);
    xml::append_attribute(out, "to", host);
    if (!from.empty())
        xml::append_attribute(out, "from", from);
    if (!lang.empty())
        xml::append_attribute(out, "xml:lang", lang);
    return out += " version='1.0'>";
}

void ServerStream::feed(std::string_view bytes, const xml::Limits &limits, xml::ParserPool &parsers)
{
    if (ended_)
        return;
    if (!parser_)
        parser_ = header_due_ ? std::make_unique<xml::Parser>() : parsers.borrow(primer_);
    xml::Rules rules = packet::stanza_rules(limits);
    rules.stream_elements = true;
    feeding_ = true;
    const xml::Fault fault = parser_->feed(bytes, rules, *this);
    feeding_ = false;
    if (!ended_ && parser_->stopped())
        return parser_.reset(); // it was opened anew
    if (fault != xml::Fault::None && !ended_) {
        const stream::StreamError error = stream::error_of(fault);
        return end(ServerStreamOwner::End::Broken, stream::name(error.condition), error.text);
    }
    if (ended_)
        return;
    if (parser_->at_boundary() && !header_due_) {
        parsers.give_back(std::move(parser_), primer_);
        return unfinished_.clear();
    }
    unfinished_ += bytes;
    unfinished_.erase(0, unfinished_.size() - std::min(unfinished_.size(), parser_->unfinished_bytes()));
}

void ServerStream::on_stream_header(const xml::StreamHeader &header)
{
    if (!header.is_stream || header.content_namespace != xml::ns::client)
        return end(ServerStreamOwner::End::Broken, "invalid-namespace", "What answers is no XMPP server for clients");
    header_due_ = false;
    primer_ = header.primer;
}

void ServerStream::on_stanza(const xml::Stanza &stanza)
{
    const std::string_view name = text(stanza.packet.name);
    if (text(stanza.packet.xmlns) != xml::ns::streams)
        return owner_.element(stanza);
    if (name == "features")
        return owner_.features(text(stanza.packet.body));
    if (name == "error")
        return on_error(stanza);
    end(ServerStreamOwner::End::Broken, "bad-format", "The server has sent what is no element of a stream");
}

void ServerStream::on_error(const xml::Stanza &stanza)
{
    std::string condition = "undefined-condition", words, elsewhere;
    const auto document = xml::parse_body(text(stanza.packet.body), xml::ns::streams);
    const xmlNode *root = document ? xmlDocGetRootElement(document.get()) : nullptr;
    for (const xmlNode *node = root == nullptr ? nullptr : root->children; node != nullptr; node = node->next) {
        if (node->type != XML_ELEMENT_NODE || xml::namespace_of(*node) != condition_namespace)
            continue;
        if (xml::name_of(*node) == "text")
            words = xml::content(node);
        else
            condition = xml::name_of(*node), elsewhere = xml::content(node);
    }
    if (condition == stream::name(stream::Condition::SeeOtherHost) && owner_.moved(elsewhere))
        return end_quietly();
    // One that the socket manager does not know it could not tell its client, and elsewhere is for the server's own
    // clients to go, not for ours: they come back here.
    const auto known = stream::condition_named(condition);
    if (!known)
        words.insert(0, condition + ": ");
    const std::string_view told = !known                                      ? "undefined-condition"
                                  : *known == stream::Condition::SeeOtherHost ? "reset"
                                                                              : std::string_view{condition};
    end(ServerStreamOwner::End::ServerError, told, words);
}

void ServerStream::on_stream_end()
{
    end(ServerStreamOwner::End::Closed, {}, {});
}

void ServerStream::end(ServerStreamOwner::End how, std::string_view condition, std::string_view words)
{
    if (ended_)
        return;
    end_quietly();
    owner_.ended(how, condition, words);
}

void ServerStream::end_quietly()
{
    ended_ = true;
    if (parser_)
        parser_->stop();
}

void ServerStream::restore(Value value, const xml::Limits &limits, xml::ParserPool &parsers)
{
    class Nothing final : public xml::Events {
    public:
        bool happened = false;

    private:
        void on_stream_header(const xml::StreamHeader &) override { happened = true; }
        void on_stanza(const xml::Stanza &) override { happened = true; }
        void on_stream_end() override { happened = true; }
    } events;

    header_due_ = value.header_due;
    ended_ = value.ended;
    primer_ = std::move(value.primer);
    unfinished_ = std::move(value.unfinished);
    if (ended_ || unfinished_.empty())
        return;
    parser_ = header_due_ ? std::make_unique<xml::Parser>() : parsers.borrow(primer_);
    xml::Rules rules = packet::stanza_rules(limits);
    rules.stream_elements = true;
    if (parser_->feed(unfinished_, rules, events) != xml::Fault::None || events.happened)
        throw std::runtime_error{"what a server has begun is no unfinished element"};
}

} // namespace jabberd::upstream
