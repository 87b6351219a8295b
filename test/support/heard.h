// SPDX-License-Identifier: LGPL-2.1-or-later
// What a parser said about some bytes, as text that a test can compare and a failure prints.
#pragma once

#include "packet/stanza_rules.h"
#include "xml/parser.h"

#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace jabberd::test {

// Every stanza as XML, a header as "stream:" and its fields, the end as "end".
class Listening final : public xml::Events {
public:
    std::vector<std::string> events;

private:
    void on_stream_header(const xml::StreamHeader &header) override;
    void on_stanza(const xml::Stanza &stanza) override;
    void on_stream_end() override;
};

struct Heard {
    std::vector<std::string> events;
    xml::Fault fault = xml::Fault::None;

    friend bool operator==(const Heard &, const Heard &) = default;
};
std::ostream &operator<<(std::ostream &out, const Heard &heard);

std::string_view name(xml::Fault fault);

// Limits that no test reaches by accident.
inline constexpr xml::Limits roomy{
    .bytes = 1 << 20, .elements = 100000, .attributes = 1000, .depth = 200, .name_bytes = 10000};

// Not inline: clang 14 under the address sanitizer takes its begin from one object file and its end from another.
constexpr std::string_view usual_header =
    "<stream:stream to='foo.com' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";

// Feeds a parser in chunks of that size.
Heard hear_from(xml::Parser &parser, std::string_view bytes, const xml::Rules &rules = packet::stanza_rules(roomy),
                std::size_t chunk = std::string_view::npos);

// What a parser past a usual header says.
Heard hear(std::string_view bytes, const xml::Rules &rules = packet::stanza_rules(roomy),
           std::size_t chunk = std::string_view::npos);

// What a fresh parser says; the bytes begin with a header.
Heard hear_stream(std::string_view bytes, const xml::Rules &rules = packet::stanza_rules(roomy),
                  std::size_t chunk = std::string_view::npos);

} // namespace jabberd::test
