// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session/plain_login.h"

#include "base/address.h"
#include "base/base64.h"
#include "base/plain_message.h"
#include "base/secret.h"
#include "packet/namespaces.h"
#include "xml/document.h"
#include "xml/escape.h"

namespace jabberd::session {

namespace {

void append_element(std::string &out, std::string_view name, std::string_view plain)
{
    out.append("<").append(name).append(">");
    xml::append_text(out, plain);
    out.append("</").append(name).append(">");
}

} // namespace

std::variant<std::string, SaslCondition> iq_auth_of_plain(std::string_view message, std::string_view host,
                                                          std::string_view alias, std::string_view resource)
{
    auto decoded = base64_decode(message == "=" ? std::string_view{} : message); // "=": empty (RFC 6120 §6.4.2)
    if (!decoded)
        return SaslCondition{"incorrect-encoding"};
    const Secret secret{std::move(*decoded)};
    const auto parts = split_plain(secret.view());
    if (!parts)
        return SaslCondition{"malformed-request"};
    const auto [identity, name, password] = *parts;
    const Address asked = split_address(identity);
    const bool here = same_host(asked.host, host) || (!alias.empty() && same_host(asked.host, alias));
    if (!identity.empty() && (asked.user != name || !here || !asked.resource.empty()))
        return SaslCondition{"invalid-authzid"};

    std::string body = "<query";
    xml::append_attribute(body, "xmlns", packet::ns::iq_auth);
    body += '>';
    append_element(body, "username", name);
    append_element(body, "password", password);
    append_element(body, "resource", resource);
    body += "</query>";
    // Control characters and bad UTF-8 are not XML in any spelling.
    if (!xml::parse_body(body))
        return SaslCondition{"malformed-request"};
    return body;
}

} // namespace jabberd::session
