// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/trace/redact.h"

#include "base/view.h"
#include "xml/document.h"
#include "xml/packet_text.h"
#include "xml/text.h"

#include <jabberd/session.h>

#include <algorithm>
#include <iterator>

namespace jabberd::host {

namespace {

constexpr std::string_view hidden = "…";
constexpr std::string_view sasl = "urn:ietf:params:xml:ns:xmpp-sasl";
// sasl:2 carries its secrets in elements of its own namespace (XEP-0388). What a <connection/> says is harmless but for
// channel bindings, which the reader of a trace could use in the middle of a connection.
constexpr std::string_view secret_namespaces[] = {"jabber:iq:auth", "jabber:iq:register", sasl, "urn:xmpp:sasl:2",
                                                  JABBERD_NS_CONNECTION};
constexpr std::string_view harmless[] = {"username", "resource",  "instructions", "registered",
                                         "remove",   "mechanism", "failure",      "authorization-identifier"};
constexpr std::string_view always_secret[] = {"password", "digest"};

template <std::size_t size>
bool is_one_of(const std::string_view (&list)[size], std::string_view text)
{
    return std::find(std::begin(list), std::end(list), text) != std::end(list);
}

// What is inside a secret element is secret as well, whatever its namespace, until something harmless says otherwise.
bool is_secret(const xmlNode *element, bool parent_is_secret)
{
    const std::string_view name = xml::name_of(*element);
    if (is_one_of(always_secret, name))
        return true;
    if (!is_one_of(secret_namespaces, xml::namespace_of(*element)))
        return parent_is_secret;
    return !is_one_of(harmless, name);
}

bool is_blank(std::string_view text)
{
    return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

// Returns whether anything was hidden. As deep as parse_body() allows.
bool hide_secrets(xmlNode *element, bool parent_is_secret)
{
    const bool secret = is_secret(element, parent_is_secret);
    bool changed = false;
    for (xmlNode *node = element->children; node != nullptr; node = node->next) {
        if (node->type == XML_ELEMENT_NODE) {
            changed |= hide_secrets(node, secret);
        } else if (secret && !is_blank(xml::as_text(node->content))) {
            xmlNodeSetContent(node, reinterpret_cast<const xmlChar *>(hidden.data()));
            changed = true;
        }
    }
    return changed;
}

std::string redacted_body(const jabberd_packet &packet)
{
    const std::string_view body = text(packet.body);
    if (body.empty())
        return "";
    const auto document = xml::parse_body(body, present(packet.xmlns) ? text(packet.xmlns) : "jabber:client");
    if (!document)
        return std::string{hidden};
    xmlNode *root = xmlDocGetRootElement(document.get());
    const bool packet_is_secret = is_one_of(always_secret, text(packet.name));
    return hide_secrets(root, packet_is_secret) ? xml::children_text(root) : std::string{body};
}

} // namespace

std::string redacted(const jabberd_packet &packet)
{
    const std::string body = redacted_body(packet);
    jabberd_packet shown = packet;
    shown.body = view(body);
    std::string out;
    xml::append_packet(out, shown);
    return out;
}

} // namespace jabberd::host
