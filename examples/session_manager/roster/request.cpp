// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/roster/request.h"

#include "xml/document.h"

namespace jabberd::session_manager {

namespace {

constexpr std::size_t most_to_read = 4 * most_of_a_request; // signatures and hashes of pictures go along, and are small

} // namespace

std::string useful_part(std::string_view body)
{
    if (body.empty() || body.size() > most_to_read)
        return {};
    const auto document = xml::parse_body(body);
    std::string useful;
    const xmlNode *root = document ? xmlDocGetRootElement(document.get()) : nullptr;
    for (const xmlNode *node = root == nullptr ? nullptr : root->children; node != nullptr; node = node->next) {
        if (xml::is_element(node, "status", "jabber:client") ||
            xml::is_element(node, "nick", "http://jabber.org/protocol/nick"))
            xml::append_element(useful, node);
    }
    return useful.size() > most_of_a_request ? std::string{} : useful;
}

} // namespace jabberd::session_manager
