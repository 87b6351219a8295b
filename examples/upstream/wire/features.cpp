// SPDX-License-Identifier: LGPL-2.1-or-later
#include "upstream/wire/features.h"

#include "base/view.h"
#include "packet/namespaces.h"
#include "stream/namespaces.h"
#include "xml/document.h"
#include "xml/namespaces.h"

#include <jabberd/session.h>

#include <algorithm>
#include <array>

namespace jabberd::upstream {

namespace {

// Of one stream, and not of its session: ours has its own. And older versions of what passes, which do not.
constexpr std::array<std::string_view, 6> of_neighbours{
    "urn:ietf:params:xml:ns:xmpp-tls",                 // STARTTLS: Prosody offers it again after the login
    "http://jabber.org/features/compress",             // XEP-0138
    "urn:xmpp:stream-limits:0",                        // XEP-0478
    "urn:xmpp:sasl-cb:0",                              // XEP-0440: the bindings of the server's TLS are with us
    "urn:xmpp:sm:2",                                   // XEP-0198 of 2009, which ejabberd has as well
    "http://www.xmpp.org/extensions/xep-0198.html#ns", // of 2004: jabberd2
};

bool is_impossible(std::string_view mechanism, const ClientSecurity &client)
{
    return mechanism.ends_with("-PLUS") || (mechanism == "PLAIN" && !client.tls && !client.plain);
}

// In any depth: XEP-0388 has an <inline/>, in which others have lists of their own.
void remove_mechanisms(xmlNode *parent, const ClientSecurity &client)
{
    for (xmlNode *node = parent->children; node != nullptr;) {
        xmlNode *next = node->next;
        const bool is_element = node->type == XML_ELEMENT_NODE;
        if (is_element && xml::name_of(*node) == "mechanism" && is_impossible(xml::content(node), client)) {
            xmlUnlinkNode(node);
            xmlFreeNode(node);
        } else if (is_element) {
            remove_mechanisms(node, client);
        }
        node = next;
    }
}

} // namespace

std::string offered_features(std::string_view features, const ClientSecurity &client)
{
    const auto document = xml::parse_body(features, xml::ns::streams);
    if (!document)
        return {};
    xmlNode *root = xmlDocGetRootElement(document.get());
    for (xmlNode *node = root->children; node != nullptr;) {
        xmlNode *next = node->next;
        if (node->type != XML_ELEMENT_NODE ||
            std::ranges::find(of_neighbours, xml::namespace_of(*node)) != of_neighbours.end()) {
            xmlUnlinkNode(node);
            xmlFreeNode(node);
        }
        node = next;
    }
    remove_mechanisms(root, client);
    return xml::children_text(root);
}

bool is_features_question(const jabberd_packet &packet)
{
    if (text(packet.name) != "iq" || text(packet.type) != "get" || present(packet.to) ||
        text(packet.body).find(JABBERD_NS_FEATURES) == std::string_view::npos)
        return false;
    const auto document = xml::parse_body(text(packet.body));
    return document && xml::child(xmlDocGetRootElement(document.get()), "query", JABBERD_NS_FEATURES) != nullptr;
}

bool has_login(std::string_view features)
{
    const auto document = xml::parse_body(features, xml::ns::streams);
    if (!document)
        return false;
    const xmlNode *root = xmlDocGetRootElement(document.get());
    const auto has_mechanism = [&](std::string_view name, std::string_view xmlns) {
        const xmlNode *list = xml::child(root, name, xmlns);
        return list != nullptr && xml::child(list, "mechanism", xmlns) != nullptr;
    };
    return has_mechanism("mechanisms", packet::ns::sasl) || has_mechanism("authentication", packet::ns::sasl2) ||
           xml::child(root, "auth", packet::ns::feature_iq_auth) != nullptr;
}

bool has_stream_management(std::string_view features)
{
    const auto document = xml::parse_body(features, xml::ns::streams);
    return document && xml::child(xmlDocGetRootElement(document.get()), "sm", stream::ns::management) != nullptr;
}

} // namespace jabberd::upstream
