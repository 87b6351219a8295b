// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dialect/element.h"

#include "xml/namespaces.h"
#include "xml/packet_reader.h"
#include "xml/text.h"

#include <stdexcept>

namespace jabberd::dialect {

namespace {

// Depth is bounded by parse_body().
void rename_namespace(xmlNode *element, std::string_view from, const char *to)
{
    for (xmlNs *declared = element->nsDef; declared != nullptr; declared = declared->next) {
        if (xml::as_text(declared->href) != from)
            continue;
        xmlFree(const_cast<xmlChar *>(declared->href));
        declared->href = xmlStrdup(reinterpret_cast<const xmlChar *>(to));
    }
    for (xmlNode *child = xmlFirstElementChild(element); child != nullptr; child = xmlNextElementSibling(child))
        rename_namespace(child, from, to);
}

} // namespace

xml::DocumentPtr parse_element(std::string_view text, std::string_view xmlns)
{
    auto document = xml::parse_body(text);
    xmlNode *element = document ? xmlFirstElementChild(xmlDocGetRootElement(document.get())) : nullptr;
    if (element == nullptr || xmlNextElementSibling(element) != nullptr)
        return nullptr;
    if (!xmlns.empty())
        rename_namespace(element, xmlns, xml::ns::client);
    return document;
}

const xmlNode &element_of(const xmlDoc &document)
{
    return *xmlFirstElementChild(xmlDocGetRootElement(const_cast<xmlDoc *>(&document)));
}

OwnedPacket packet_of(std::string_view text)
{
    const auto document = parse_element(text, "");
    if (!document)
        throw std::runtime_error{"a packet that waits is none"};
    return xml::read_packet(element_of(*document));
}

} // namespace jabberd::dialect
