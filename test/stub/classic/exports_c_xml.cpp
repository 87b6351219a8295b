// SPDX-License-Identifier: LGPL-2.1-or-later
// The functions of jabberd 1.1 and 1.4 for pools and XML trees, under their C names.
#include "host_functions.h"

#include "strict.h"

#include <cstring>
#include <string>

using stub::check;
using stub::enter;
using stub::Node;

namespace {

// One step of a path: NAME, NAME?ATTRIBUTE or NAME?ATTRIBUTE=VALUE; the name may be missing.
Node *step(Node *parent, const std::string &text)
{
    const auto question = text.find('?');
    const auto equals = question == std::string::npos ? question : text.find('=', question);
    const std::string name = text.substr(0, question);
    for (Node *found = parent->firstchild; found != nullptr; found = found->next) {
        if (found->type != NTYPE_TAG || (!name.empty() && name != found->name))
            continue;
        if (question == std::string::npos)
            return found;
        const char *value = stub::attribute(found, text.substr(question + 1, equals - question - 1).c_str());
        if (value != nullptr && (equals == std::string::npos || text.substr(equals + 1) == value))
            return found;
    }
    return nullptr;
}

Node *checked(Node *node, const char *function)
{
    enter(function);
    if (node != nullptr)
        check(node, function);
    return node;
}

} // namespace

extern "C" {

pool_struct *_pool_new(char *)
{
    enter("_pool_new");
    return stub::new_pool(stub::Kind::Lasting, stub::Owner::Component);
}

pool_struct *_pool_new_heap(int, char *)
{
    enter("_pool_new_heap");
    return stub::new_pool(stub::Kind::Lasting, stub::Owner::Component);
}

void *pmalloc(pool_struct *pool, int size)
{
    enter("pmalloc");
    check(pool, "pmalloc");
    return stub::allocate(pool, static_cast<std::size_t>(size));
}

void *pmalloco(pool_struct *pool, int size)
{
    return pmalloc(pool, size);
}

void *pmalloc_x(pool_struct *pool, int size, char byte)
{
    return std::memset(pmalloc(pool, size), byte, static_cast<std::size_t>(size));
}

char *pstrdup(pool_struct *pool, const char *text)
{
    enter("pstrdup");
    check(pool, "pstrdup");
    return text == nullptr ? nullptr : stub::copy(pool, text);
}

void pool_cleanup(pool_struct *pool, void (*function)(void *), void *argument)
{
    stub::host::pool_cleanup(pool, function, argument);
}

void pool_free(pool_struct *pool)
{
    stub::host::pool_free(pool);
}

int pool_size(pool_struct *pool)
{
    enter("pool_size");
    check(pool, "pool_size");
    return stub::size_of(pool);
}

Node *xmlnode_str(char *text, int size)
{
    return stub::host::xmlnode_str(text, size);
}

void xmlnode_free(Node *node)
{
    stub::host::xmlnode_free(node);
}

char *xmlnode2str(Node *node)
{
    return checked(node, "xmlnode2str") == nullptr ? nullptr : stub::copy(node->p, stub::to_string(node));
}

pool_struct *xmlnode_pool(Node *node)
{
    return checked(node, "xmlnode_pool") == nullptr ? nullptr : node->p;
}

Node *xmlnode_new_tag(const char *name)
{
    enter("xmlnode_new_tag");
    return stub::new_element(stub::new_pool(stub::Kind::Packet, stub::Owner::Component), name);
}

Node *xmlnode_new_tag_pool(pool_struct *pool, const char *name)
{
    enter("xmlnode_new_tag_pool");
    check(pool, "xmlnode_new_tag_pool");
    return stub::new_element(pool, name);
}

Node *xmlnode_insert_tag(Node *parent, const char *name)
{
    return checked(parent, "xmlnode_insert_tag") == nullptr ? nullptr : stub::add_element(parent, name);
}

Node *xmlnode_insert_cdata(Node *parent, const char *text, unsigned size)
{
    if (checked(parent, "xmlnode_insert_cdata") == nullptr || text == nullptr)
        return nullptr;
    stub::add_text(parent, size == static_cast<unsigned>(-1) ? std::string_view{text} : std::string_view{text, size});
    return parent->lastchild;
}

Node *xmlnode_insert_tag_node(Node *parent, Node *source)
{
    return checked(parent, "xmlnode_insert_tag_node") == nullptr ? nullptr : stub::add_copy(parent, source);
}

Node *xmlnode_dup(Node *node)
{
    if (checked(node, "xmlnode_dup") == nullptr)
        return nullptr;
    return stub::copy_tree(stub::new_pool(stub::Kind::Packet, stub::Owner::Component), node);
}

Node *xmlnode_get_tag(Node *parent, const char *path)
{
    checked(parent, "xmlnode_get_tag");
    for (std::string rest = path == nullptr ? "" : path; parent != nullptr && !rest.empty();) {
        const auto question = rest.find('?'); // a value may hold a slash
        const auto slash = std::min(rest.find('/'), rest.size());
        const auto end = question < slash ? rest.size() : slash;
        parent = step(parent, rest.substr(0, end));
        rest.erase(0, end + 1);
    }
    return parent;
}

char *xmlnode_get_tag_data(Node *parent, const char *path)
{
    const Node *found = xmlnode_get_tag(parent, path);
    const char *text = stub::text_of(found);
    return *text == '\0' ? nullptr : const_cast<char *>(text);
}

char *xmlnode_get_attrib(Node *node, const char *name)
{
    if (checked(node, "xmlnode_get_attrib") == nullptr || name == nullptr)
        return nullptr;
    return const_cast<char *>(stub::attribute(node, name));
}

void xmlnode_put_attrib(Node *node, const char *name, const char *value)
{
    if (checked(node, "xmlnode_put_attrib") != nullptr && name != nullptr && value != nullptr)
        stub::set_attribute(node, name, value);
}

void xmlnode_hide(Node *node)
{
    if (checked(node, "xmlnode_hide") != nullptr)
        stub::remove(node);
}

void xmlnode_hide_attrib(Node *node, const char *name)
{
    if (checked(node, "xmlnode_hide_attrib") != nullptr && name != nullptr)
        stub::remove_attribute(node, name);
}

char *xmlnode_get_name(Node *node)
{
    return checked(node, "xmlnode_get_name") == nullptr ? nullptr : node->name;
}

// Of an element: its text.
char *xmlnode_get_data(Node *node)
{
    if (checked(node, "xmlnode_get_data") == nullptr)
        return nullptr;
    if (node->type != NTYPE_TAG)
        return node->data;
    const char *text = stub::text_of(node);
    return *text == '\0' ? nullptr : const_cast<char *>(text);
}

int xmlnode_get_type(Node *node)
{
    return checked(node, "xmlnode_get_type") == nullptr ? -1 : node->type;
}

Node *xmlnode_get_firstchild(Node *node)
{
    return checked(node, "xmlnode_get_firstchild") == nullptr ? nullptr : node->firstchild;
}

Node *xmlnode_get_lastchild(Node *node)
{
    return checked(node, "xmlnode_get_lastchild") == nullptr ? nullptr : node->lastchild;
}

Node *xmlnode_get_firstattrib(Node *node)
{
    return checked(node, "xmlnode_get_firstattrib") == nullptr ? nullptr : node->firstattrib;
}

Node *xmlnode_get_nextsibling(Node *node)
{
    return checked(node, "xmlnode_get_nextsibling") == nullptr ? nullptr : node->next;
}

Node *xmlnode_get_prevsibling(Node *node)
{
    return checked(node, "xmlnode_get_prevsibling") == nullptr ? nullptr : node->prev;
}

Node *xmlnode_get_parent(Node *node)
{
    return checked(node, "xmlnode_get_parent") == nullptr ? nullptr : node->parent;
}

} // extern "C"
