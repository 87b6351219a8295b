// SPDX-License-Identifier: LGPL-2.1-or-later
// Trees as text.
#include "node.h"

#include <cstring>
#include <vector>

namespace stub {

namespace {

void append_escaped(std::string &out, const char *text)
{
    for (; *text != '\0'; ++text) {
        switch (*text) {
        case '&': out += "&amp;"; break;
        case '<': out += "&lt;"; break;
        case '>': out += "&gt;"; break;
        case '\'': out += "&apos;"; break;
        case '"': out += "&quot;"; break;
        default: out += *text;
        }
    }
}

void append_attribute(std::string &out, const std::string &name, const char *value)
{
    out += ' ' + name + "='";
    append_escaped(out, value);
    out += '\'';
}

// What is declared where we are; `size()` marks a depth.
class Declared {
public:
    std::size_t size() const { return list_.size(); }
    void forget(std::size_t size) { list_.resize(size); }

    // Writes a declaration where one is needed.
    void declare(std::string &out, const std::string &prefix, const std::string &xmlns)
    {
        for (auto known = list_.rbegin(); known != list_.rend(); ++known)
            if (known->prefix == prefix) {
                if (known->xmlns == xmlns)
                    return;
                break;
            }
        if (prefix == "xml" || (prefix.empty() && xmlns.empty() && list_.empty()))
            return;
        append_attribute(out, prefix.empty() ? "xmlns" : "xmlns:" + prefix, xmlns.c_str());
        list_.push_back({prefix, xmlns});
    }

private:
    struct Declaration {
        std::string prefix, xmlns;
    };
    std::vector<Declaration> list_;
};

#if STUB_FLAVOUR >= 106
std::string qualified(const Node *node)
{
    return (node->prefix == nullptr ? "" : std::string{node->prefix} + ":") + node->name;
}

void declare(std::string &out, Declared &declared, const Node *node, bool as_client)
{
    const char *xmlns = xmlns_of(node);
    if (as_client && std::strcmp(xmlns, server_namespace) == 0)
        xmlns = client_namespace;
    declared.declare(out, node->prefix == nullptr ? "" : node->prefix, xmlns);
}
#else
std::string qualified(const Node *node)
{
    return node->name;
}

void declare(std::string &, Declared &, const Node *, bool)
{
}
#endif

void write(std::string &out, Declared &declared, const Node *node, bool as_client)
{
    const std::size_t outside = declared.size();
    out += '<' + qualified(node);
    declare(out, declared, node, as_client);
    for (const Node *found = node->firstattrib; found != nullptr; found = found->next) {
        if (*xmlns_of(found) != '\0')
            declare(out, declared, found, false);
        append_attribute(out, qualified(found), found->data);
    }
    if (node->firstchild == nullptr) {
        out += "/>";
    } else {
        out += '>';
        for (const Node *found = node->firstchild; found != nullptr; found = found->next) {
            if (found->type == NTYPE_CDATA)
                append_escaped(out, found->data);
            else
                write(out, declared, found, as_client);
        }
        out += "</" + qualified(node) + '>';
    }
    declared.forget(outside);
}

} // namespace

std::string to_string(const Node *node, bool as_client)
{
    std::string out;
    Declared declared;
    write(out, declared, node, as_client);
    return out;
}

} // namespace stub
