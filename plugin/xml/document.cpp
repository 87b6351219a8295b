// SPDX-License-Identifier: LGPL-2.1-or-later
#include "xml/document.h"

#include "xml/escape.h"
#include "xml/text.h"

#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>

#include <algorithm>
#include <climits>
#include <new>
#include <utility>
#include <vector>

namespace jabberd::xml {

namespace {

constexpr int deepest_body = 256 + 1; // the most that <depth/> allows a client, and the packet around it; a deeper
                                      // tree would only feed the recursion of tree walkers

struct ContextDeleter {
    void operator()(xmlParserCtxt *context) const
    {
        xmlFreeDoc(context->myDoc);
        xmlFreeParserCtxt(context);
    }
};

// What the callbacks know of the document that is being read.
struct Reading {
    int max_depth;
    Defect &defect;
};

void refuse_doctype(void *data, const xmlChar *, const xmlChar *, const xmlChar *)
{
    auto *context = static_cast<xmlParserCtxt *>(data);
    Defect &defect = static_cast<Reading *>(context->_private)->defect;
    defect.is_doctype = true;
    defect.line = static_cast<unsigned>(xmlSAX2GetLineNumber(context));
    xmlStopParser(context);
}

void start_element(void *data, const xmlChar *name, const xmlChar *prefix, const xmlChar *xmlns, int namespace_count,
                   const xmlChar **namespaces, int attribute_count, int defaulted, const xmlChar **attributes)
{
    auto *context = static_cast<xmlParserCtxt *>(data);
    if (context->nameNr > static_cast<const Reading *>(context->_private)->max_depth)
        return xmlStopParser(context);
    xmlSAX2StartElementNs(data, name, prefix, xmlns, namespace_count, namespaces, attribute_count, defaulted,
                          attributes);
}

} // namespace

DocumentPtr parse_document(std::string_view text, int options, int max_depth, Defect &defect)
{
    if (text.size() > INT_MAX)
        return nullptr;
    const std::unique_ptr<xmlParserCtxt, ContextDeleter> context{
        xmlCreateMemoryParserCtxt(text.data(), static_cast<int>(text.size()))};
    if (!context)
        return nullptr;
    // All of the text is there. libxml2 would still ask for more before each token of the last 250 bytes.
    context->input->buf->readcallback = nullptr;
    Reading reading{max_depth, defect};
    context->_private = &reading;
    xmlCtxtUseOptions(context.get(),
                      XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_NOCDATA | options);
    context->sax->internalSubset = refuse_doctype;
    context->sax->startElementNs = start_element;
    xmlParseDocument(context.get());
    if (context->wellFormed && context->disableSAX == 0)
        return DocumentPtr{std::exchange(context->myDoc, nullptr)};
    if (!defect.is_doctype) {
        defect.line = static_cast<unsigned>(context->lastError.line);
        defect.message = context->lastError.message == nullptr ? "" : context->lastError.message;
    }
    return nullptr;
}

DocumentPtr parse_body(std::string_view body, std::string_view xmlns)
{
    std::string text = "<packet";
    append_attribute(text, "xmlns", xmlns);
    text += '>';
    text += body;
    text += "</packet>";
    // Without it libxml2 keeps "&#38;" for "&" in the names of namespaces. There are no entities but XML's own.
    constexpr int replace_references = XML_PARSE_NOENT;
    Defect unnamed;
    return parse_document(text, replace_references, deepest_body, unnamed);
}

std::string_view attribute(const xmlNode *element, const char *name)
{
    const xmlAttr *found =
        xmlHasNsProp(const_cast<xmlNode *>(element), reinterpret_cast<const xmlChar *>(name), nullptr);
    if (found == nullptr || found->children == nullptr || found->children->next != nullptr)
        return {};
    return as_text(found->children->content);
}

std::string_view name_of(const xmlNode &element)
{
    return as_text(element.name);
}

std::string_view namespace_of(const xmlNode &element)
{
    return as_text(element.ns == nullptr ? nullptr : element.ns->href);
}

bool is_element(const xmlNode *node, std::string_view name, std::string_view xmlns)
{
    return node->type == XML_ELEMENT_NODE && name_of(*node) == name && namespace_of(*node) == xmlns;
}

xmlNode *child(const xmlNode *parent, std::string_view name, std::string_view xmlns)
{
    for (xmlNode *node = parent->children; node != nullptr; node = node->next) {
        if (is_element(node, name, xmlns))
            return node;
    }
    return nullptr;
}

namespace {

// libxml2 wants an end, which a view does not have.
template <typename Made>
Made *made(Made *it)
{
    if (it == nullptr)
        throw std::bad_alloc{};
    return it;
}

const xmlChar *as_xml(const std::string &text)
{
    return reinterpret_cast<const xmlChar *>(text.c_str());
}

} // namespace

xmlNode *add_child(xmlNode *parent, std::string_view name, std::string_view xmlns)
{
    xmlNode *child = made(xmlNewDocNode(parent->doc, nullptr, as_xml(std::string{name}), nullptr));
    xmlAddChild(parent, child);
    const bool is_default = namespace_of(*parent) == xmlns && parent->ns != nullptr && parent->ns->prefix == nullptr;
    xmlSetNs(child, is_default ? parent->ns : made(xmlNewNs(child, as_xml(std::string{xmlns}), nullptr)));
    return child;
}

void set_attribute(xmlNode *element, std::string_view name, std::string_view value)
{
    made(xmlNewProp(element, as_xml(std::string{name}), as_xml(std::string{value})));
}

void remove(xmlNode *element)
{
    xmlUnlinkNode(element);
    xmlFreeNode(element);
}

std::string content(const xmlNode *element)
{
    const std::unique_ptr<xmlChar, decltype(xmlFree)> all{xmlNodeGetContent(element), xmlFree};
    return std::string{as_text(all.get())};
}

namespace {

using Declarations = std::vector<const xmlNs *>;

// What a body does not say itself: of its parent it has the namespace only.
Declarations declared_above_children(const xmlNode *parent)
{
    const std::string_view own = namespace_of(*parent);
    Declarations found;
    for (const xmlNode *node = parent; node != nullptr && node->type == XML_ELEMENT_NODE; node = node->parent) {
        for (const xmlNs *xmlns = node->nsDef; xmlns != nullptr; xmlns = xmlns->next) {
            if (xmlns->prefix != nullptr || as_text(xmlns->href) != own)
                found.push_back(xmlns);
        }
    }
    return found;
}

void find_used(const xmlNode *element, const Declarations &among, Declarations &used)
{
    const auto note = [&](const xmlNs *xmlns) {
        if (std::ranges::find(among, xmlns) != among.end() && std::ranges::find(used, xmlns) == used.end())
            used.push_back(xmlns);
    };
    note(element->ns);
    for (const xmlAttr *attribute = element->properties; attribute != nullptr; attribute = attribute->next)
        note(attribute->ns);
    for (const xmlNode *child = element->children; child != nullptr; child = child->next) {
        if (child->type == XML_ELEMENT_NODE)
            find_used(child, among, used);
    }
}

std::string qualified(const xmlNs *xmlns, const xmlChar *name)
{
    if (xmlns == nullptr || xmlns->prefix == nullptr)
        return std::string{as_text(name)};
    return std::string{as_text(xmlns->prefix)}.append(":").append(as_text(name));
}

void append_declaration(std::string &out, const xmlNs &xmlns)
{
    append_attribute(out, xmlns.prefix == nullptr ? "xmlns" : "xmlns:" + std::string{as_text(xmlns.prefix)},
                     as_text(xmlns.href));
}

// Not xmlSaveTree(): it writes the names of namespaces as they are, with their "<" and "&". Depth is bounded by
// parse_body().
void append_tree(std::string &out, const xmlNode *element, const Declarations &also)
{
    const std::string name = qualified(element->ns, element->name);
    out.append("<").append(name);
    for (const xmlNs *xmlns = element->nsDef; xmlns != nullptr; xmlns = xmlns->next)
        append_declaration(out, *xmlns);
    for (const xmlNs *xmlns : also)
        append_declaration(out, *xmlns);
    for (const xmlAttr *attribute = element->properties; attribute != nullptr; attribute = attribute->next)
        append_attribute(out, qualified(attribute->ns, attribute->name),
                         content(reinterpret_cast<const xmlNode *>(attribute)));
    out += '>';
    const std::size_t inside = out.size();
    for (const xmlNode *child = element->children; child != nullptr; child = child->next) {
        if (child->type == XML_ELEMENT_NODE)
            append_tree(out, child, {});
        else if (child->type == XML_TEXT_NODE)
            append_text(out, as_text(child->content));
    }
    if (out.size() == inside)
        out.replace(inside - 1, 1, "/>");
    else
        out.append("</").append(name).append(">");
}

} // namespace

void append_element(std::string &out, const xmlNode *element)
{
    append_tree(out, element, {});
}

std::string children_text(const xmlNode *parent, const xmlNode *except)
{
    std::string out;
    const Declarations declared = declared_above_children(parent);
    for (const xmlNode *node = parent->children; node != nullptr; node = node->next) {
        if (node == except)
            continue;
        if (node->type == XML_ELEMENT_NODE) {
            Declarations used;
            if (!declared.empty())
                find_used(node, declared, used);
            append_tree(out, node, used);
        } else if (node->type == XML_TEXT_NODE) {
            append_text(out, as_text(node->content));
        }
    }
    return out;
}

} // namespace jabberd::xml
