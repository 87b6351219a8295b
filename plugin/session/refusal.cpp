// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session/refusal.h"

#include "base/view.h"
#include "xml/document.h"

#include <string_view>

namespace jabberd::session {

namespace {

constexpr std::string_view stanza_errors = "urn:ietf:params:xml:ns:xmpp-stanzas";

// The first element in there that names a condition: all but the text are names.
std::string_view condition_in(const xmlNode *parent, std::string_view xmlns)
{
    for (const xmlNode *node = parent->children; node != nullptr; node = node->next) {
        if (node->type == XML_ELEMENT_NODE && xml::namespace_of(*node) == xmlns && xml::name_of(*node) != "text")
            return xml::name_of(*node);
    }
    return {};
}

std::string said(std::string_view condition, const std::string &text)
{
    std::string out{condition};
    if (!text.empty())
        out.append(out.empty() ? "(" : " (").append(text).append(")");
    return out;
}

} // namespace

std::string refusal_of(const jabberd_packet &answer)
{
    const std::string xmlns{present(answer.xmlns) ? text(answer.xmlns) : "jabber:client"};
    const xml::DocumentPtr document = xml::parse_body(text(answer.body), xmlns);
    if (!document)
        return {};
    const xmlNode *root = xmlDocGetRootElement(document.get());
    if (text(answer.name) == "failure") {
        // SASL2 has RFC 6120's conditions in their own namespace (XEP-0388 §2.6.3).
        std::string_view condition = condition_in(root, xmlns);
        if (condition.empty())
            condition = condition_in(root, "urn:ietf:params:xml:ns:xmpp-sasl");
        return said(condition, xml::content(xml::child(root, "text", xmlns)));
    }
    const xmlNode *error = xml::child(root, "error", xmlns);
    if (error == nullptr)
        return {};
    const std::string_view condition = condition_in(error, stanza_errors);
    const xmlNode *explanation = xml::child(error, "text", stanza_errors);
    return said(condition.empty() ? xml::attribute(error, "code") : condition,
                xml::content(explanation == nullptr && condition.empty() ? error : explanation));
}

} // namespace jabberd::session
