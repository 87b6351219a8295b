// SPDX-License-Identifier: LGPL-2.1-or-later
#include "classic/element.h"

#include "xml/namespaces.h"
#include "xml/text.h"

namespace jabberd::classic {

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

} // namespace jabberd::classic
