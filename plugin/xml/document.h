// SPDX-License-Identifier: LGPL-2.1-or-later
// A packet's body as a tree, for those few packets whose inside matters.
#pragma once

#include <libxml/tree.h>

#include <memory>
#include <string>
#include <string_view>

namespace jabberd::xml {

struct DocumentDeleter {
    void operator()(xmlDoc *document) const { xmlFreeDoc(document); }
};
using DocumentPtr = std::unique_ptr<xmlDoc, DocumentDeleter>;

// Why a document was not read.
struct Defect {
    bool is_doctype = false; // it has one
    unsigned line = 0;
    std::string message; // libxml2's, "" where it has none
};

// The one hardened reader of whole documents. Nothing is fetched, no entity is declared, nothing is printed; text is
// merged. Null when the document is not well-formed, has a DOCTYPE, or is deeper than `max_depth` elements. `options`:
// of libxml2, besides.
DocumentPtr parse_document(std::string_view text, int options, int max_depth, Defect &defect);

// Parses the children of a packet whose content namespace is `xmlns`. The root of the document stands for the packet;
// its children are the body's. Null when the body is not well-formed, holds a DOCTYPE, or is deeper than 256 elements.
// Nothing is fetched, no entity expanded, nothing printed.
DocumentPtr parse_body(std::string_view body, std::string_view xmlns = "jabber:client");

// The value of an attribute in no namespace. Borrowed from the tree; nothing when it is absent, or not plain text.
std::string_view attribute(const xmlNode *element, const char *name);

// As written, without its prefix; the namespace is "" where there is none.
std::string_view name_of(const xmlNode &element);
std::string_view namespace_of(const xmlNode &element);

bool is_element(const xmlNode *node, std::string_view name, std::string_view xmlns);

// The first child element of that name and namespace, or null.
xmlNode *child(const xmlNode *parent, std::string_view name, std::string_view xmlns);

// All text inside, entities resolved.
std::string content(const xmlNode *element);

// A new last child, with nothing in it. Throws std::bad_alloc, and so does the next.
xmlNode *add_child(xmlNode *parent, std::string_view name, std::string_view xmlns);
void set_attribute(xmlNode *element, std::string_view name, std::string_view value); // which it does not have yet

// Takes it out of its tree, and frees it.
void remove(xmlNode *element);

// Appends the element as canonical XML, as it may stand in a body.
void append_element(std::string &out, const xmlNode *element);

// The children of `parent` as a body, without `except` (which may be null): each declares the prefixes that it uses.
std::string children_text(const xmlNode *parent, const xmlNode *except = nullptr);

} // namespace jabberd::xml
