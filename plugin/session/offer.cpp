// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session/offer.h"

#include "packet/namespaces.h"
#include "stream/namespaces.h"
#include "xml/document.h"
#include "xml/escape.h"
#include "xml/namespaces.h"

#include <jabberd/session.h>

namespace jabberd::session {

namespace {

constexpr std::size_t max_relayed = 16;

std::vector<std::string> mechanisms_of(const xmlNode *features, const char *name, const char *xmlns)
{
    std::vector<std::string> mechanisms;
    const xmlNode *list = xml::child(features, name, xmlns);
    for (const xmlNode *node = list == nullptr ? nullptr : list->children; node != nullptr; node = node->next) {
        if (xml::is_element(node, "mechanism", xmlns))
            mechanisms.push_back(xml::content(node));
    }
    return mechanisms;
}

// Those of FAST (XEP-0484), and of whatever else is negotiated inside of SASL2: by their name alone.
void add_inline_mechanisms(const xmlNode *features, std::vector<std::string> &mechanisms)
{
    const xmlNode *list = xml::child(features, "authentication", packet::ns::sasl2);
    const xmlNode *inlined = list == nullptr ? nullptr : xml::child(list, "inline", packet::ns::sasl2);
    for (const xmlNode *feature = inlined == nullptr ? nullptr : inlined->children; feature != nullptr;
         feature = feature->next) {
        for (const xmlNode *node = feature->children; node != nullptr; node = node->next) {
            if (node->type == XML_ELEMENT_NODE && xml::name_of(*node) == "mechanism")
                mechanisms.push_back(xml::content(node));
        }
    }
}

// What is ours, or the client's login, is not for a session manager to pass.
bool may_be_relayed(std::string_view xmlns)
{
    return !xmlns.empty() && xmlns != xml::ns::client && xmlns != xml::ns::streams && xmlns != stream::ns::tls &&
           xmlns != packet::ns::sasl && xmlns != packet::ns::sasl2;
}

Wants read_wants(const xmlNode &element)
{
    Wants wants;
    wants.end = xml::child(&element, "end", JABBERD_NS_WANTS) != nullptr;
    for (const xmlNode *node = element.children; node != nullptr; node = node->next) {
        std::string xmlns = xml::is_element(node, "relay", JABBERD_NS_WANTS) ? xml::content(node) : std::string{};
        if (may_be_relayed(xmlns) && wants.relay.size() < max_relayed)
            wants.relay.push_back(std::move(xmlns));
    }
    return wants;
}

void append_feature(std::string &out, std::string_view name, std::string_view xmlns)
{
    out.append("<").append(name);
    xml::append_attribute(out, "xmlns", xmlns);
    out += "/>";
}

} // namespace

std::optional<Offer> read_offer(std::string_view answer)
{
    const auto body = xml::parse_body(answer);
    const xmlNode *query = body ? xml::child(xmlDocGetRootElement(body.get()), "query", JABBERD_NS_FEATURES) : nullptr;
    if (query == nullptr)
        return std::nullopt;
    Offer offer;
    xmlNode *wants = xml::child(query, "wants", JABBERD_NS_WANTS);
    offer.features = xml::children_text(query, wants);
    offer.sasl = mechanisms_of(query, "mechanisms", packet::ns::sasl);
    offer.sasl2 = mechanisms_of(query, "authentication", packet::ns::sasl2);
    add_inline_mechanisms(query, offer.sasl2);
    if (wants != nullptr)
        offer.wants = read_wants(*wants);
    return offer;
}

Offer iq_auth_offer(bool plain, bool registration)
{
    Offer offer;
    offer.translated = true;
    if (plain) {
        offer.sasl = {"PLAIN"};
        offer.features = "<mechanisms";
        xml::append_attribute(offer.features, "xmlns", packet::ns::sasl);
        offer.features += "><mechanism>PLAIN</mechanism></mechanisms>";
    }
    append_feature(offer.features, "auth", packet::ns::feature_iq_auth);
    if (registration)
        append_feature(offer.features, "register", packet::ns::feature_iq_register);
    return offer;
}

Offer bind_offer()
{
    Offer offer;
    offer.translated = true;
    append_feature(offer.features, "bind", packet::ns::bind);
    return offer;
}

} // namespace jabberd::session
