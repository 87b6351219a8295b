// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dialect/login_query.h"

#include "base/view.h"
#include "packet/namespaces.h"
#include "xml/document.h"

namespace jabberd::dialect {

bool Query::is_of_login() const
{
    return xmlns == packet::ns::iq_auth || xmlns == packet::ns::iq_register;
}

std::optional<Query> query_of(const jabberd_packet &packet)
{
    const auto document = xml::parse_body(text(packet.body));
    const xmlNode *query = document ? xmlFirstElementChild(xmlDocGetRootElement(document.get())) : nullptr;
    if (query == nullptr)
        return std::nullopt;
    Query found{std::string{xml::namespace_of(*query)}, "", ""};
    const auto content = [&](std::string_view name) {
        const xmlNode *child = xml::child(query, name, found.xmlns);
        return child == nullptr ? std::string{} : xml::content(child);
    };
    found.username = content("username");
    found.resource = content("resource");
    return found;
}

bool is_username(std::string_view name)
{
    constexpr std::size_t longest = 64; // jabberd 1.4.3 cuts it there, and would find another user
    for (const char c : name) {
        if (static_cast<unsigned char>(c) <= ' ' || std::string_view{":@<>'\"&/\x7f"}.find(c) != std::string_view::npos)
            return false;
    }
    return !name.empty() && name.size() <= longest;
}

} // namespace jabberd::dialect
