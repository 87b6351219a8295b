// SPDX-License-Identifier: LGPL-2.1-or-later
#include "packet_fields.h"

#include <cstring>
#include <string>

namespace stub {

namespace {

struct Condition {
    int code;
    const char *type, *name;
};

// What 1.4.4 and 1.6 add to the code.
constexpr Condition conditions[] = {
    {401, "auth", "not-authorized"},          {404, "cancel", "item-not-found"},
    {406, "modify", "not-acceptable"},        {501, "cancel", "feature-not-implemented"},
    {502, "wait", "remote-server-not-found"}, {503, "cancel", "service-unavailable"},
};
constexpr const char *stanza_errors = "urn:ietf:params:xml:ns:xmpp-stanzas";

} // namespace

Node *find_510(const Node *x)
{
    Node *error = child(x, "error");
    const char *code = error == nullptr ? nullptr : attribute(error, "code");
    return code != nullptr && std::strcmp(code, "510") == 0 ? error : nullptr;
}

void add_510(Node *x, const char *reason)
{
    const char *type = attribute(x, "type");
    Node *error = add_element(x, "error");
    set_attribute(error, "code", "510");
    if (type != nullptr)
        set_attribute(error, "type", type);
    add_text(error, reason);
    set_attribute(x, "type", "error");
}

bool undo_510(Node *x)
{
    Node *error = find_510(x);
    const char *type = error == nullptr ? nullptr : attribute(error, "type");
    if (error != nullptr)
        remove(error);
    if (type != nullptr)
        set_attribute(x, "type", type);
    else
        remove_attribute(x, "type");
    return x->firstchild != nullptr || type != nullptr;
}

void make_error(Node *x, int code, const char *reason)
{
    const char *from = attribute(x, "from"), *to = attribute(x, "to");
    const std::string new_to = from == nullptr ? "" : from, new_from = to == nullptr ? "" : to;
    remove_attribute(x, "to");
    remove_attribute(x, "from");
    if (!new_to.empty())
        set_attribute(x, "to", new_to);
    if (!new_from.empty())
        set_attribute(x, "from", new_from);
    add_error(x, code, reason);
}

void add_error(Node *x, int code, const char *reason)
{
    set_attribute(x, "type", "error");
    Node *error = add_element(x, "error");
    set_attribute(error, "code", std::to_string(code));
    if (!has_routes)
        return add_text(error, reason);
    for (const Condition &condition : conditions) {
        if (condition.code != code)
            continue;
        set_attribute(error, "type", condition.type);
        add_element(error, condition.name, stanza_errors);
    }
    add_text(add_element(error, "text", stanza_errors), reason);
}

} // namespace stub
