// SPDX-License-Identifier: LGPL-2.1-or-later
#include "node.h"

#include "pool.h"

#include <cstring>

namespace stub {

namespace {

Node *new_node(pool_struct *pool, std::string_view name, int type)
{
    auto *node = static_cast<Node *>(allocate(pool, sizeof(Node))); // the first thing in a packet's pool is its root
    node->p = pool;
    node->type = static_cast<unsigned short>(type);
    if (!name.empty())
        node->name = copy(pool, name);
    return node;
}

void append(Node *parent, Node *node, Node *Node::*first, Node *Node::*last)
{
    node->parent = parent;
    node->prev = parent->*last;
    (parent->*last != nullptr ? (parent->*last)->next : parent->*first) = node;
    parent->*last = node;
}

void unlink(Node *node, Node *Node::*first, Node *Node::*last)
{
    (node->prev != nullptr ? node->prev->next : node->parent->*first) = node->next;
    (node->next != nullptr ? node->next->prev : node->parent->*last) = node->prev;
    node->parent = node->prev = node->next = nullptr;
}

void set_data(Node *node, std::string_view text)
{
    node->data = copy(node->p, text);
    node->data_sz = static_cast<int>(text.size());
}

void copy_content(Node *to, const Node *from)
{
#if STUB_FLAVOUR >= 106
    to->ns_iri = from->ns_iri == nullptr ? nullptr : copy(to->p, from->ns_iri);
    to->prefix = from->prefix == nullptr ? nullptr : copy(to->p, from->prefix);
#endif
    for (const Node *source = from->firstattrib; source != nullptr; source = source->next) {
        Node *added = add_attribute(to, source->name, source->data);
#if STUB_FLAVOUR >= 106
        added->ns_iri = source->ns_iri == nullptr ? nullptr : copy(to->p, source->ns_iri);
        added->prefix = source->prefix == nullptr ? nullptr : copy(to->p, source->prefix);
#else
        static_cast<void>(added);
#endif
    }
    for (const Node *source = from->firstchild; source != nullptr; source = source->next) {
        if (source->type == NTYPE_CDATA)
            add_text(to, {source->data, static_cast<std::size_t>(source->data_sz)});
        else
            add_copy(to, source);
    }
}

bool matches([[maybe_unused]] const Node *attribute, [[maybe_unused]] const char *xmlns)
{
#if STUB_FLAVOUR >= 106
    return std::strcmp(attribute->ns_iri == nullptr ? "" : attribute->ns_iri, xmlns == nullptr ? "" : xmlns) == 0;
#else
    return true;
#endif
}

} // namespace

Node *new_element(pool_struct *pool, std::string_view name, const char *xmlns)
{
    Node *node = new_node(pool, name, NTYPE_TAG);
    if (xmlns == nullptr)
        return node;
#if STUB_FLAVOUR >= 106
    node->ns_iri = copy(pool, xmlns);
#else
    add_attribute(node, "xmlns", xmlns);
#endif
    return node;
}

Node *add_element(Node *parent, std::string_view name, const char *xmlns)
{
#if STUB_FLAVOUR >= 106
    if (xmlns == nullptr)
        xmlns = parent->ns_iri;
#endif
    Node *node = new_element(parent->p, name, xmlns);
    append(parent, node, &Node::firstchild, &Node::lastchild);
    return node;
}

void add_text(Node *parent, std::string_view text)
{
    if (Node *last = parent->lastchild; last != nullptr && last->type == NTYPE_CDATA) {
        set_data(last, std::string{last->data, static_cast<std::size_t>(last->data_sz)}.append(text));
        return;
    }
    Node *node = new_node(parent->p, "", NTYPE_CDATA);
    set_data(node, text);
    append(parent, node, &Node::firstchild, &Node::lastchild);
}

Node *add_copy(Node *parent, const Node *source)
{
    Node *node = new_node(parent->p, source->name, NTYPE_TAG);
    append(parent, node, &Node::firstchild, &Node::lastchild);
    copy_content(node, source);
    return node;
}

Node *copy_tree(pool_struct *pool, const Node *source)
{
    Node *node = new_node(pool, source->name, NTYPE_TAG);
    copy_content(node, source);
    return node;
}

void remove(Node *node)
{
    if (node->parent == nullptr)
        return;
    if (node->type == NTYPE_ATTRIB)
        unlink(node, &Node::firstattrib, &Node::lastattrib);
    else
        unlink(node, &Node::firstchild, &Node::lastchild);
}

std::string_view type_of(const Node *stanza)
{
    const char *type = attribute(stanza, "type");
    return type == nullptr ? "" : type;
}

const char *attribute(const Node *node, const char *name, const char *xmlns)
{
    for (const Node *found = node->firstattrib; found != nullptr; found = found->next)
        if (std::strcmp(found->name, name) == 0 && matches(found, xmlns))
            return found->data;
    return nullptr;
}

void set_attribute(Node *node, std::string_view name, std::string_view value)
{
    for (Node *found = node->firstattrib; found != nullptr; found = found->next)
        if (found->name == name && matches(found, nullptr))
            return set_data(found, value);
    add_attribute(node, name, value);
}

Node *add_attribute(Node *node, std::string_view name, std::string_view value)
{
    Node *added = new_node(node->p, name, NTYPE_ATTRIB);
    set_data(added, value);
    append(node, added, &Node::firstattrib, &Node::lastattrib);
    return added;
}

void remove_attribute(Node *node, const char *name)
{
    for (Node *found = node->firstattrib; found != nullptr; found = found->next)
        if (std::strcmp(found->name, name) == 0 && matches(found, nullptr))
            return remove(found);
}

const char *xmlns_of(const Node *node)
{
#if STUB_FLAVOUR >= 106
    return node->ns_iri == nullptr ? "" : node->ns_iri;
#else
    const char *xmlns = attribute(node, "xmlns");
    return xmlns == nullptr ? "" : xmlns;
#endif
}

bool is(const Node *node, std::string_view name)
{
    return node != nullptr && node->type == NTYPE_TAG && node->name == name;
}

Node *child(const Node *node, std::string_view name)
{
    for (Node *found = node == nullptr ? nullptr : node->firstchild; found != nullptr; found = found->next)
        if (is(found, name))
            return found;
    return nullptr;
}

Node *query_child(const Node *node)
{
    for (Node *found = node->firstchild; found != nullptr; found = found->next)
        if (found->type == NTYPE_TAG)
            return found;
    return nullptr;
}

const char *text_of(const Node *node)
{
    for (const Node *found = node == nullptr ? nullptr : node->firstchild; found != nullptr; found = found->next)
        if (found->type == NTYPE_CDATA)
            return found->data;
    return "";
}

} // namespace stub
