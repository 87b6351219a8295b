// SPDX-License-Identifier: LGPL-2.1-or-later
// XML trees in pools, as jabberd has them. Before 1.6 a namespace is an attribute like any other; in 1.6 it belongs to
// the node, and jabber:client is folded into jabber:server.
#pragma once

#include "abi.h"

#include <string>
#include <string_view>

namespace stub {

using Node = xmlnode_t;

inline constexpr const char *server_namespace = "jabber:server";
inline constexpr const char *client_namespace = "jabber:client";

// An element without a parent, in that pool. `xmlns` may be null: none.
Node *new_element(pool_struct *pool, std::string_view name, const char *xmlns = nullptr);
// The last child of its parent. Without `xmlns` it is in the parent's namespace.
Node *add_element(Node *parent, std::string_view name, const char *xmlns = nullptr);
void add_text(Node *parent, std::string_view text); // grows the last child where that is text
Node *add_copy(Node *parent, const Node *source);   // of a whole element
Node *copy_tree(pool_struct *pool, const Node *source);
void remove(Node *node); // from its parent; the memory stays with the pool

// Attributes without a namespace, unless told otherwise.
const char *attribute(const Node *node, const char *name, const char *xmlns = nullptr); // null: there is none
std::string_view type_of(const Node *stanza);                                           // its attribute, or ""
void set_attribute(Node *node, std::string_view name, std::string_view value);
Node *add_attribute(Node *node, std::string_view name, std::string_view value);
void remove_attribute(Node *node, const char *name);

const char *xmlns_of(const Node *node); // "" where there is none; before 1.6 what the attribute says
bool is(const Node *node, std::string_view name);
Node *child(const Node *node, std::string_view name); // the first of that name; null: there is none
Node *query_child(const Node *node);                  // the first element; null: there is none
const char *text_of(const Node *node);                // its first text; "" where there is none, or no node

// As it is written: `as_client` writes jabber:server as jabber:client, in 1.6.
std::string to_string(const Node *node, bool as_client = false);

} // namespace stub
