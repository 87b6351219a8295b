// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/heard.h"

#include "base/view.h"
#include "xml/packet_text.h"
#include "xml/parser_pool.h"

#include <algorithm>

namespace jabberd::test {

namespace {

std::string field(std::string_view name, jabberd_view value)
{
    return present(value) ? " " + std::string{name} + "=" + std::string{text(value)} : std::string{};
}

} // namespace

void Listening::on_stream_header(const xml::StreamHeader &header)
{
    events.push_back(std::string{header.is_stream ? "stream:" : "not a stream:"} + field("to", header.to) +
                     field("version", header.version) + field("lang", header.lang) +
                     " xmlns=" + std::string{header.content_namespace} + " primer=" + std::string{header.primer});
}

void Listening::on_stanza(const xml::Stanza &stanza)
{
    std::string &event = events.emplace_back();
    xml::append_packet(event, stanza.packet);
    if (packet::carries_510(stanza))
        event += " (510)";
}

void Listening::on_stream_end()
{
    events.emplace_back("end");
}

std::string_view name(xml::Fault fault)
{
    switch (fault) {
    case xml::Fault::None: return "no fault";
    case xml::Fault::NotWellFormed: return "not well-formed";
    case xml::Fault::RestrictedXml: return "restricted XML";
    case xml::Fault::UnsupportedEncoding: return "unsupported encoding";
    case xml::Fault::BadNamespacePrefix: return "bad namespace prefix";
    case xml::Fault::BadFormat: return "bad format";
    case xml::Fault::TooManyBytes: return "too many bytes";
    case xml::Fault::GrowsTooMuch: return "grows too much";
    case xml::Fault::TooManyElements: return "too many elements";
    case xml::Fault::TooManyAttributes: return "too many attributes";
    case xml::Fault::TooDeep: return "too deep";
    case xml::Fault::NameTooLong: return "name too long";
    case xml::Fault::TooManyNames: return "too many names";
    }
    return "?";
}

std::ostream &operator<<(std::ostream &out, const Heard &heard)
{
    constexpr std::size_t shown = 400;
    out << "heard\n";
    for (const std::string &event : heard.events)
        out << "  " << event.substr(0, shown) << (event.size() > shown ? "…" : "") << '\n';
    return out << "  " << name(heard.fault) << '\n';
}

Heard hear_from(xml::Parser &parser, std::string_view bytes, const xml::Rules &rules, std::size_t chunk)
{
    Listening listening;
    xml::Fault fault = xml::Fault::None;
    while (!bytes.empty() && fault == xml::Fault::None) {
        const std::string_view some = bytes.substr(0, chunk);
        fault = parser.feed(some, rules, listening);
        bytes.remove_prefix(some.size());
    }
    return {std::move(listening.events), fault};
}

Heard hear(std::string_view bytes, const xml::Rules &rules, std::size_t chunk)
{
    xml::Parser parser{xml::usual_primer};
    return hear_from(parser, bytes, rules, chunk);
}

Heard hear_stream(std::string_view bytes, const xml::Rules &rules, std::size_t chunk)
{
    xml::Parser parser;
    return hear_from(parser, bytes, rules, chunk);
}

} // namespace jabberd::test
