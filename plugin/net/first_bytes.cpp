// SPDX-License-Identifier: LGPL-2.1-or-later
#include "net/first_bytes.h"

#include "net/proxy_header.h"

#include <algorithm>
#include <array>

namespace jabberd::net {

namespace {

constexpr char tls_handshake = 0x16; // RFC 8446 §5.1, ContentType
constexpr std::array<std::string_view, 10> methods = {"GET ",     "POST ",   "HEAD ",  "PUT ",   "OPTIONS ",
                                                      "CONNECT ", "DELETE ", "PATCH ", "TRACE ", "PRI "}; // PRI: HTTP/2
constexpr std::string_view may_begin_xml = "< \t\r\n\xEF"; // EF: the UTF-8 byte order mark (RFC 6120 §11.6)

} // namespace

FirstBytes recognise(std::string_view bytes)
{
    if (bytes.front() == tls_handshake)
        return FirstBytes::Tls;
    if (std::ranges::any_of(methods, [&](std::string_view method) { return bytes.starts_with(method); }))
        return FirstBytes::Http;
    if (begins_proxy_header(bytes))
        return FirstBytes::Proxy;
    return may_begin_xml.find(bytes.front()) != std::string_view::npos ? FirstBytes::Xml : FirstBytes::Other;
}

} // namespace jabberd::net
