// SPDX-License-Identifier: LGPL-2.1-or-later
#include "reading.h"

#include "pool.h"

#include <libxml/parser.h>
#include <libxml/parserInternals.h>

#include <cstring>

namespace stub {

namespace {

Reader &reader(void *data)
{
    return *static_cast<Reader *>(data);
}

const char *chars(const xmlChar *text)
{
    return reinterpret_cast<const char *>(text);
}

Node *begin(pool_struct *pool, Node *parent, const char *name)
{
    return parent == nullptr ? new_element(pool, name) : add_element(parent, name);
}

#if STUB_FLAVOUR >= 106
struct Start {
    const xmlChar *name, *prefix, *xmlns;
    int attribute_count;
    const xmlChar **attributes; // five each: name, prefix, namespace, begin and end of the value
    bool fold;
};

char *or_null(pool_struct *pool, const xmlChar *text)
{
    return text == nullptr ? nullptr : copy(pool, chars(text));
}

Node *make(pool_struct *pool, Node *parent, void *what)
{
    const Start &start = *static_cast<Start *>(what);
    Node *node = begin(pool, parent, chars(start.name));
    const bool ours = start.xmlns == nullptr || std::strcmp(chars(start.xmlns), client_namespace) == 0;
    node->ns_iri = start.fold && ours ? copy(node->p, server_namespace) : or_null(node->p, start.xmlns);
    node->prefix = or_null(node->p, start.prefix);
    for (int i = 0; i < start.attribute_count; ++i) {
        const xmlChar **attribute = start.attributes + static_cast<std::ptrdiff_t>(5) * i;
        Node *added = add_attribute(node, chars(attribute[0]),
                                    {chars(attribute[3]), static_cast<std::size_t>(attribute[4] - attribute[3])});
        added->prefix = or_null(node->p, attribute[1]);
        added->ns_iri = or_null(node->p, attribute[2]);
    }
    return node;
}

void on_start(void *data, const xmlChar *name, const xmlChar *prefix, const xmlChar *xmlns, int, const xmlChar **,
              int attribute_count, int, const xmlChar **attributes)
{
    Start start{name, prefix, xmlns, attribute_count, attributes, reader(data).folds()};
    reader(data).start(make, &start);
}

void on_end(void *data, const xmlChar *, const xmlChar *, const xmlChar *)
{
    reader(data).end();
}
#else
struct Start {
    const xmlChar *name;
    const xmlChar **attributes; // pairs, or null
};

Node *make(pool_struct *pool, Node *parent, void *what)
{
    const Start &start = *static_cast<Start *>(what);
    Node *node = begin(pool, parent, chars(start.name));
    for (const xmlChar **pair = start.attributes; pair != nullptr && *pair != nullptr; pair += 2)
        add_attribute(node, chars(pair[0]), chars(pair[1]));
    return node;
}

void on_start(void *data, const xmlChar *name, const xmlChar **attributes)
{
    Start start{name, attributes};
    reader(data).start(make, &start);
}

void on_end(void *data, const xmlChar *)
{
    reader(data).end();
}
#endif

void on_characters(void *data, const xmlChar *text, int size)
{
    reader(data).characters({chars(text), static_cast<std::size_t>(size)});
}

xmlEntityPtr entity(void *, const xmlChar *name)
{
    return xmlGetPredefinedEntity(name);
}

void no_words(void *, const char *, ...)
{
}

xmlSAXHandler callbacks()
{
    xmlSAXHandler sax{};
#if STUB_FLAVOUR >= 106
    sax.initialized = XML_SAX2_MAGIC;
    sax.startElementNs = on_start;
    sax.endElementNs = on_end;
#else
    sax.startElement = on_start;
    sax.endElement = on_end;
#endif
    sax.characters = on_characters;
    sax.cdataBlock = on_characters;
    sax.getEntity = entity;
    sax.warning = sax.error = no_words;
    return sax;
}

} // namespace

Reader::Reader(int depth, bool fold, std::function<void(Node *)> on_element)
    : parser_{nullptr, xmlFreeParserCtxt}, on_element_{std::move(on_element)}, depth_{depth}, fold_{fold}
{
    xmlSAXHandler sax = callbacks();
    parser_.reset(xmlCreatePushParserCtxt(&sax, this, nullptr, 0, nullptr));
    xmlCtxtUseOptions(parser_.get(), XML_PARSE_NOENT | XML_PARSE_HUGE); // or "&amp;" in an attribute stays "&#38;"
}

Reader::~Reader()
{
    if (innermost_ != nullptr)
        free_pool(innermost_->p);
}

bool Reader::read(std::string_view bytes, bool last)
{
    failed_ = failed_ || xmlParseChunk(parser_.get(), bytes.data(), static_cast<int>(bytes.size()), last ? 1 : 0) != 0;
    return !failed_;
}

void Reader::start(Node *made_by(pool_struct *, Node *, void *), void *what)
{
    if (++level_ < depth_)
        return;
    innermost_ = made_by(innermost_ == nullptr ? new_pool(Kind::Packet) : innermost_->p, innermost_, what);
}

void Reader::end()
{
    if (level_-- < depth_)
        return;
    Node *done = innermost_;
    innermost_ = done->parent;
    if (innermost_ == nullptr)
        on_element_(done);
}

void Reader::characters(std::string_view text)
{
    if (innermost_ != nullptr)
        add_text(innermost_, text);
}

Node *read_document(std::string_view text, bool fold)
{
    Node *root = nullptr;
    Reader document{1, fold, [&](Node *element) { root = element; }};
    if (document.read(text, true))
        return root;
    if (root != nullptr)
        free_pool(root->p);
    return nullptr;
}

} // namespace stub
