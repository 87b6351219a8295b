// SPDX-License-Identifier: LGPL-2.1-or-later
#include "stream/management.h"

#include "base/view.h"
#include "stream/namespaces.h"
#include "xml/document.h"
#include "xml/escape.h"

#include <charconv>

namespace jabberd::stream {

namespace {

constexpr char stanza_errors[] = "urn:ietf:params:xml:ns:xmpp-stanzas";

std::optional<std::uint32_t> number(std::string_view digits)
{
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc{} || end != digits.data() + digits.size())
        return std::nullopt;
    return value;
}

std::string begun(std::string_view name)
{
    std::string out = "<";
    out += name;
    xml::append_attribute(out, "xmlns", ns::management);
    return out;
}

void append_number(std::string &out, std::string_view attribute, std::uint64_t value)
{
    xml::append_attribute(out, attribute, std::to_string(value));
}

ManagementElement::Kind kind_of(std::string_view name)
{
    using enum ManagementElement::Kind;
    return name == "enable"   ? Enable
           : name == "resume" ? Resume
           : name == "r"      ? Request
           : name == "a"      ? Answer
                              : Unknown;
}

void take(ManagementElement &element, std::string_view name, std::string_view value)
{
    if (name == "resume")
        element.resume = value == "true" || value == "1";
    else if (name == "h")
        element.h = number(value);
    else if (name == "previd")
        element.previd = value;
    else if (name != "max")
        return;
    else if (const auto seconds = number(value))
        element.max = std::chrono::seconds{*seconds};
}

} // namespace

std::optional<ManagementElement> management_element(const xml::Stanza &stanza)
{
    if (text(stanza.packet.xmlns) != ns::management)
        return std::nullopt;
    ManagementElement element;
    element.kind = kind_of(text(stanza.packet.name));
    for (std::size_t i = 0; i < stanza.packet.attribute_count; ++i)
        take(element, text(stanza.packet.attributes[i].name), text(stanza.packet.attributes[i].value));
    return element;
}

ManagementElement management_element(const xmlNode &element)
{
    ManagementElement found;
    found.kind = kind_of(xml::name_of(element));
    for (const char *name : {"resume", "h", "previd", "max"}) {
        if (const std::string_view value = xml::attribute(&element, name); !value.empty())
            take(found, name, value);
    }
    return found;
}

void append_management_feature(std::string &features)
{
    features.append(begun("sm")).append("/>");
}

std::string enabled(std::string_view id, std::chrono::seconds max)
{
    std::string out = begun("enabled");
    if (!id.empty()) {
        xml::append_attribute(out, "id", id);
        xml::append_attribute(out, "resume", "true");
        append_number(out, "max", static_cast<std::uint64_t>(max.count()));
    }
    return out += "/>";
}

std::string resumed(std::string_view previd, std::uint32_t h)
{
    std::string out = begun("resumed");
    xml::append_attribute(out, "previd", previd);
    append_number(out, "h", h);
    return out += "/>";
}

std::string failed(std::string_view stanza_error, std::optional<std::uint32_t> h)
{
    std::string out = begun("failed");
    if (h)
        append_number(out, "h", *h);
    out.append("><").append(stanza_error);
    xml::append_attribute(out, "xmlns", stanza_errors);
    return out += "/></failed>";
}

std::string acknowledgement(std::uint32_t h)
{
    std::string out = begun("a");
    append_number(out, "h", h);
    return out += "/>";
}

std::string acknowledgement_request()
{
    return begun("r") += "/>";
}

std::string handled_count_too_high(std::uint32_t h, std::uint32_t sent)
{
    std::string out = begun("handled-count-too-high");
    append_number(out, "h", h);
    append_number(out, "send-count", sent);
    return out += "/>";
}

} // namespace jabberd::stream
