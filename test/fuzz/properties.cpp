// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fuzz/properties.h"

#include "base/view.h"
#include "packet/stanza_rules.h"
#include "session/session.h"
#include "support/element.h"
#include "support/heard.h"
#include "support/stream_reader.h"
#include "xml/packet_text.h"
#include "xml/parser_pool.h"

#include <expat.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <memory>
#include <sstream>
#include <stdexcept>

namespace jabberd::fuzz {

namespace {

using test::Heard;

constexpr const char *ours = "7@c2s/1";
constexpr const char *session_id = "alice@foo.com/r";

std::string shown(const Heard &heard)
{
    std::ostringstream out;
    out << heard;
    return out.str();
}

std::string_view take_chunk(std::string_view &rest, Random &random)
{
    // Mostly small, sometimes all there is.
    const std::size_t size = random() % 8 == 0 ? rest.size() : 1 + random() % 40;
    const std::string_view chunk = rest.substr(0, size);
    rest.remove_prefix(chunk.size());
    return chunk;
}

// expat takes a URI with the character it puts between URI and name for an attack (CVE-2022-25236) and says "syntax
// error"; we take it for a URI.
bool has_space_in_namespace(std::string_view canonical)
{
    for (auto at = canonical.find("xmlns"); at != std::string_view::npos; at = canonical.find("xmlns", at + 1)) {
        const auto open = canonical.find('\'', at);
        if (open != std::string_view::npos &&
            canonical.substr(open + 1, canonical.find('\'', open + 1) - open - 1).find_first_of(" &") !=
                std::string_view::npos)
            return true;
    }
    return false;
}

void log_in(session::Session &session)
{
    xml::Stanza set;
    set.packet.size = sizeof set.packet;
    set.packet.name = view("iq");
    set.packet.type = view("set");
    set.child_count = 1;
    set.child_name = "query";
    set.child_xmlns = "jabber:iq:auth";
    auto admitted = session.admit(set);
    jabberd_packet accepted = std::get<session::Outbound>(admitted).packet();
    accepted.type = view("result");
    accepted.sfrom = view(session_id);
    std::string id;
    session::Offers offers;
    session.receive(accepted, false, id, offers);
    assert(session.bound());
}

// Looks at every packet that one client's stanzas become.
class Client final : public xml::Events {
public:
    explicit Client(bool authenticated)
    {
        if (authenticated)
            log_in(session_);
    }

    Failure failure;

private:
    void on_stream_header(const xml::StreamHeader &) override {}
    void on_stream_end() override {}
    void on_stanza(const xml::Stanza &stanza) override
    {
        auto admitted = session_.admit(stanza);
        if (!std::holds_alternative<session::Outbound>(admitted))
            return;
        const jabberd_packet &packet = std::get<session::Outbound>(admitted).packet();
        std::string out;
        xml::append_packet(out, packet);
        if (has_space_in_namespace(out))
            return;
        try {
            const test::Element element = test::parse_element(out);
            const bool right = element.attributes.at("sfrom") == ours &&
                               element.attributes.at("sto") == (session_.authenticated() ? session_id : "foo.com") &&
                               element.xmlns == test::client_namespace &&
                               (element.name == "message" || element.name == "presence" || element.name == "iq") &&
                               (session_.authenticated() || !element.attributes.contains("from"));
            if (!right)
                failure = "routed wrongly: " + out;
        } catch (const std::exception &problem) { // not well-formed, an attribute twice, or none
            failure = std::string{problem.what()} + ": " + out;
        }
    }

    session::Session session_{ours, "foo.com"};
};

// What expat has understood: how far it has read tokens that were whole, and whether it has given up.
class Expat {
public:
    Expat()
    {
        XML_SetUserData(parser_.get(), this);
        XML_SetStartElementHandler(parser_.get(), [](void *self, const char *, const char **) { read(self); });
        XML_SetEndElementHandler(parser_.get(), [](void *self, const char *) { read(self); });
        XML_SetCharacterDataHandler(parser_.get(), [](void *self, const char *, int) { read(self); });
        XML_SetDefaultHandler(parser_.get(), [](void *self, const char *, int) { read(self); });
    }

    // False: it gives up.
    bool go_on(std::string_view bytes)
    {
        return XML_Parse(parser_.get(), bytes.data(), static_cast<int>(bytes.size()), XML_FALSE) == XML_STATUS_OK;
    }
    std::size_t understood() const { return understood_; }
    std::string error() const { return XML_ErrorString(XML_GetErrorCode(parser_.get())); }

private:
    static void read(void *self)
    {
        auto &expat = *static_cast<Expat *>(self);
        expat.understood_ = static_cast<std::size_t>(XML_GetCurrentByteIndex(expat.parser_.get()) +
                                                     XML_GetCurrentByteCount(expat.parser_.get()));
    }

    std::unique_ptr<XML_ParserStruct, void (*)(XML_ParserStruct *)> parser_{XML_ParserCreateNS("UTF-8", ' '),
                                                                            XML_ParserFree};
    std::size_t understood_ = 0;
};

} // namespace

Failure same_events_in_any_chunks(std::string_view bytes, Random &random)
{
    // libxml2 may wait for a ';' or '>' before it finds a fault, or not, as it comes. With this behind the bytes
    // everything is decided: stanzas that another chunking would not have let through, and an end.
    using namespace std::string_view_literals;
    const std::string stream = std::string{bytes}.append("<message/>;'\"><message/>\0"sv);
    const Heard whole = test::hear_stream(stream);
    for (int round = 0; round < 2; ++round) {
        xml::Parser parser;
        Heard cut;
        std::string cuts;
        for (std::string_view rest = stream; !rest.empty() && cut.fault == xml::Fault::None;) {
            const std::string_view chunk = round == 0 ? rest.substr(0, 1) : take_chunk(rest, random);
            if (round == 0)
                rest.remove_prefix(1);
            else
                cuts += " " + std::to_string(chunk.size());
            Heard more = test::hear_from(parser, chunk);
            std::ranges::move(more.events, std::back_inserter(cut.events));
            cut.fault = more.fault;
        }
        // Which of two faults is found first may depend on how far the parser could see.
        if (cut.events != whole.events)
            return "whole: " + shown(whole) + "in chunks of" + (round == 0 ? " 1" : cuts) + ": " + shown(cut) + "of " +
                   stream;
    }
    return {};
}

Failure read_by_expat_too(std::string_view stream)
{
    xml::Parser parser;
    const Heard heard = test::hear_from(parser, stream);
    test::StreamReader expat;
    expat.read(stream);
    if (expat.error() == "syntax error" || std::ranges::any_of(heard.events, has_space_in_namespace))
        return {};
    std::size_t next = 0;
    for (const std::string &event : heard.events) {
        if (next == expat.events().size())
            return "expat (" + expat.error() + ") did not hear " + event + " of " + std::string{stream};
        const test::StreamEvent &theirs = expat.events()[next++];
        if (theirs.kind != test::StreamEvent::Kind::Element)
            continue;
        const std::string stanza = event.ends_with(" (510)") ? event.substr(0, event.size() - 6) : event;
        try {
            if (test::parse_element(stanza) != theirs.element)
                return "we heard " + stanza + " and expat " + theirs.text() + " of " + std::string{stream};
        } catch (const std::invalid_argument &problem) {
            return std::string{"our canonical form: "} + problem.what();
        }
        if (const Heard again = test::hear(stanza); again.events != std::vector{event})
            return "canonical: " + stanza + " again: " + shown(again);
    }
    if (parser.at_boundary() && !expat.error().empty())
        return "expat refuses (" + expat.error() + ") what we accept: " + std::string{stream};
    return {};
}

Failure refused_when_nothing_can_make_it_right(std::string_view stream)
{
    using namespace std::string_view_literals;
    xml::Parser parser;
    Expat expat;
    for (std::size_t i = 0; i < stream.size(); ++i) {
        const std::string_view byte = stream.substr(i, 1);
        const Heard heard = test::hear_from(parser, byte);
        if (!heard.events.empty() && heard.events.back() == "end")
            return {};
        const bool given_up = !expat.go_on(byte);
        const std::string read = " of " + std::string{stream.substr(0, i + 1)};
        if (given_up && heard.fault == xml::Fault::None)
            return expat.error() == "syntax error" ? Failure{} : "expat refuses (" + expat.error() + ") the end" + read;
        if (given_up)
            return {};
        // expat does not look at the version of XML.
        const bool in_declaration = stream.find("<?xml") <= 3 && stream.substr(0, i).find('>') == std::string::npos;
        if (heard.fault == xml::Fault::NotWellFormed && !in_declaration) {
            for (const std::string_view end :
                 {"x"sv,         ";"sv,         "x;"sv,   "1;"sv,     ">"sv,      "/>"sv,   "'>"sv,
                  "\">"sv,       "='' >"sv,     "=''>"sv, " x=''>"sv, "!---->"sv, "-->"sv,  "--->"sv,
                  "[]]>"sv,      "CDATA[]]>"sv, "]]>"sv,  "?>"sv,     " ?>"sv,    "x ?>"sv, "\x80x"sv,
                  "\x80\x80x"sv, "\xBFx"sv,     " >"sv,   "\n"sv}) {
                Expat optimist;
                if (optimist.go_on(stream.substr(0, i + 1)) && optimist.go_on(end) && optimist.understood() > i)
                    return "with '" + std::string{end} + "' behind it expat accepts the end" + read;
            }
        }
        if (heard.fault != xml::Fault::None)
            return {};
    }
    return {};
}

Failure one_pair_of_session_attributes(std::string_view stanzas)
{
    for (const bool authenticated : {false, true}) {
        Client client{authenticated};
        xml::Parser parser{xml::usual_primer};
        parser.feed(stanzas, packet::stanza_rules(test::roomy, "5eed"), client);
        if (client.failure)
            return client.failure;
    }
    return {};
}

Failure no_session_attribute_reaches_the_client(std::string_view name, std::string_view attribute,
                                                std::string_view value, std::string_view body)
{
    const jabberd_attribute attributes[] = {{view(attribute), view(value)}};
    jabberd_packet packet{};
    packet.size = sizeof packet;
    packet.name = view(name);
    packet.to = view(value);
    packet.sto = view(ours);
    packet.sfrom = view("foo.com");
    packet.body = view(body);
    packet.attributes = attributes;
    packet.attribute_count = attribute.empty() ? 0 : 1;
    xml::Parser parser{xml::usual_primer};
    const xml::Stanza *stanza = parser.rewrite(packet, packet::stanza_rules(test::roomy));
    if (stanza == nullptr)
        return {};
    jabberd_packet readable = stanza->packet;
    readable.sfrom = packet.sfrom;
    session::Session session{ours, "foo.com"};
    log_in(session);
    std::string id, out;
    session::Offers offers;
    if (session.receive(readable, packet::carries_510(*stanza), id, offers).meaning != session::Meaning::Pass)
        return {};
    xml::append_packet(out, readable);
    if (has_space_in_namespace(out))
        return {};
    try {
        const test::Element element = test::parse_element(out);
        if (element.attributes.contains("sto") || element.attributes.contains("sfrom") ||
            element.xmlns == test::stream_namespace)
            return "written to the client: " + out;
    } catch (const std::invalid_argument &problem) {
        return std::string{problem.what()};
    }
    return {};
}

Failure streams_do_not_hear_each_other(const std::vector<std::string> &streams, Random &random)
{
    struct Stream {
        std::string_view rest;
        std::unique_ptr<xml::Parser> parser; // while a stanza is unfinished, as a Connection has it
        Heard heard;
    };
    std::vector<Stream> all(streams.size());
    for (std::size_t i = 0; i < streams.size(); ++i)
        all[i].rest = streams[i];
    xml::ParserPool pool;
    for (std::size_t open = all.size(); open > 0;) {
        Stream &stream = all[random() % all.size()];
        if (stream.rest.empty())
            continue;
        auto parser = stream.parser ? std::move(stream.parser) : pool.borrow(xml::usual_primer);
        Heard more = test::hear_from(*parser, take_chunk(stream.rest, random));
        std::ranges::move(more.events, std::back_inserter(stream.heard.events));
        stream.heard.fault = more.fault;
        if (more.fault != xml::Fault::None)
            stream.rest = {};
        else if (parser->at_boundary())
            pool.give_back(std::move(parser), xml::usual_primer);
        else
            stream.parser = std::move(parser);
        open -= stream.rest.empty();
    }
    for (std::size_t i = 0; i < streams.size(); ++i) {
        const Heard alone = test::hear(streams[i]);
        if (all[i].heard.events != alone.events ||
            (all[i].heard.fault == xml::Fault::None) != (alone.fault == xml::Fault::None))
            return "alone: " + shown(alone) + "among others: " + shown(all[i].heard) + "of " + streams[i];
    }
    return {};
}

} // namespace jabberd::fuzz
