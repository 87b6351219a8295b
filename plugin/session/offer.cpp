// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session/offer.h"

#include "base/view.h"
#include "packet/namespaces.h"
#include "xml/document.h"
#include "xml/escape.h"

#include <jabberd/session.h>

namespace jabberd::session {

namespace {

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

void append_feature(std::string &out, std::string_view name, std::string_view xmlns)
{
    out.append("<").append(name);
    xml::append_attribute(out, "xmlns", xmlns);
    out += "/>";
}

} // namespace

std::optional<Offer> read_offer(const jabberd_packet &answer)
{
    if (text(answer.name) != "iq" || text(answer.type) != "result")
        return std::nullopt;
    const auto body = xml::parse_body(text(answer.body));
    const xmlNode *query = body ? xml::child(xmlDocGetRootElement(body.get()), "query", JABBERD_NS_FEATURES) : nullptr;
    if (query == nullptr)
        return std::nullopt;
    return Offer{xml::children_text(query), mechanisms_of(query, "mechanisms", packet::ns::sasl),
                 mechanisms_of(query, "authentication", packet::ns::sasl2), false};
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
