// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session/sasl.h"

#include "base/view.h"
#include "packet/namespaces.h"
#include "xml/escape.h"

#include <algorithm>

namespace jabberd::session {

std::optional<SaslElement> sasl_element(const xml::Stanza &stanza)
{
    using Kind = SaslElement::Kind;
    const std::string_view xmlns = text(stanza.packet.xmlns), name = text(stanza.packet.name);
    if (xmlns != packet::ns::sasl && xmlns != packet::ns::sasl2)
        return std::nullopt;
    const SaslProfile profile = xmlns == packet::ns::sasl ? SaslProfile::Rfc6120 : SaslProfile::Sasl2;
    if (name == (profile == SaslProfile::Rfc6120 ? "auth" : "authenticate"))
        return SaslElement{Kind::Start, profile};
    if (name == "response" || (name == "next" && profile == SaslProfile::Sasl2))
        return SaslElement{Kind::Response, profile};
    if (name == "abort")
        return SaslElement{Kind::Abort, profile};
    return std::nullopt;
}

bool begins_exchange(const xml::Stanza &stanza)
{
    const auto element = sasl_element(stanza);
    return element && element->kind == SaslElement::Kind::Start;
}

std::string_view xmlns_of(SaslProfile profile)
{
    return profile == SaslProfile::Rfc6120 ? packet::ns::sasl : packet::ns::sasl2;
}

std::string_view mechanism_of(const jabberd_packet &start)
{
    for (std::size_t i = 0; i < start.attribute_count; ++i) {
        if (text(start.attributes[i].name) == "mechanism")
            return text(start.attributes[i].value);
    }
    return {};
}

bool is_mechanism_name(std::string_view text)
{
    return !text.empty() && text.size() <= 20 && std::ranges::all_of(text, [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    });
}

std::string sasl_failure(SaslProfile profile, std::string_view condition)
{
    std::string out = "<failure";
    xml::append_attribute(out, "xmlns", xmlns_of(profile));
    out.append("><").append(condition);
    if (profile != SaslProfile::Rfc6120)
        xml::append_attribute(out, "xmlns", packet::ns::sasl);
    return out += "/></failure>";
}

} // namespace jabberd::session
