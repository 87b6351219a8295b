// SPDX-License-Identifier: LGPL-2.1-or-later
#include "websocket/upgrade.h"

#include "base/base64.h"
#include "websocket/discovery.h"
#include "websocket/origin.h"

#include <openssl/evp.h>

#include <array>

namespace jabberd::websocket {

namespace {

constexpr std::string_view supported_version = "13";
constexpr std::size_t key_bytes = 16, longest_word = 200;

std::string_view phrase(unsigned status)
{
    switch (status) {
    case 101: return "Switching Protocols";
    case 200: return "OK";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 426: return "Upgrade Required";
    case 431: return "Request Header Fields Too Large";
    case 503: return "Service Unavailable";
    case 505: return "HTTP Version Not Supported";
    default: return "Bad Request";
    }
}

// What the header fields of an answer have that go with its status (RFC 9110 §15.5.6, RFC 6455 §4.4).
std::string_view fields_of(unsigned status)
{
    switch (status) {
    case 405: return "Allow: GET\r\n";
    case 426: return "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n";
    default: return "";
    }
}

std::string page(unsigned status, std::string_view content, std::string_view type, std::string_view fields)
{
    std::string out = "HTTP/1.1 " + std::to_string(status) + " ";
    out.append(phrase(status)).append("\r\nContent-Type: ").append(type).append("\r\nContent-Length: ");
    out.append(std::to_string(content.size())).append("\r\nX-Content-Type-Options: nosniff\r\n").append(fields);
    // RFC 9110 §7.8: an Upgrade is named in Connection as well.
    out.append(status == 426 ? "Connection: Upgrade, close\r\n\r\n" : "Connection: close\r\n\r\n");
    return out.append(content);
}

// Nothing that a request has said is in a page.
HttpAnswer answer_with(unsigned status, std::string_view words, std::string about)
{
    const std::string content = std::string{words} + "\n";
    return {status, page(status, content, "text/plain; charset=utf-8", fields_of(status)), std::move(about)};
}

// For the log: text of a request is visible ASCII, or as good as that.
std::string quoted(std::string_view text)
{
    std::string out = "'";
    for (const char c : text.substr(0, longest_word))
        out += c >= ' ' && c <= '~' ? c : '?';
    return out += text.size() > longest_word ? "…'" : "'";
}

HttpAnswer refuse(unsigned status, std::string_view reason, const HttpRequest &request)
{
    return answer_with(status, reason, quoted(request.path) + ": " + std::string{reason});
}

HttpAnswer open_websocket(const HttpRequest &request)
{
    std::string out = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                      "Sec-WebSocket-Protocol: xmpp\r\nSec-WebSocket-Accept: ";
    out.append(accept_value(request.key)).append("\r\n\r\n");
    return {HttpAnswer::switching, std::move(out), quoted(request.path)};
}

HttpAnswer upgrade(const HttpRequest &request, const Site &site)
{
    if (!request.upgrades)
        return refuse(426, "This is an XMPP server's WebSocket (RFC 7395).", request);
    if (!request.connection_upgrades)
        return refuse(400, "The Connection field does not say Upgrade.", request);
    if (request.version != supported_version)
        return refuse(426, "The version of the WebSocket must be 13.", request);
    const auto key = base64_decode(request.key);
    if (!key || key->size() != key_bytes)
        return refuse(400, "Sec-WebSocket-Key is not 16 bytes in base64.", request);
    if (!request.speaks_xmpp)
        return refuse(400, "The only subprotocol here is xmpp.", request);
    if (!admits_origin(request.origin, request.host, site.origins, site.is_ours)) {
        HttpAnswer answer = refuse(403, "Pages of that origin may not come here.", request);
        answer.about += " origin " + quoted(request.origin) + ", which is none of <origin/>";
        return answer;
    }
    if (site.needs_tls && !site.secure)
        return refuse(403, "A login needs TLS here: use wss.", request);
    return open_websocket(request);
}

std::string websocket_address(const HttpRequest &request, const Site &site)
{
    if (!site.address.empty())
        return std::string{site.address};
    return std::string{site.secure ? "wss://" : "ws://"}.append(request.host).append(site.path);
}

HttpAnswer answer_to(const HttpRequest &request, const Site &site)
{
    if (request.path == site.path)
        return upgrade(request, site);
    if (const auto meta = host_meta(request.path, websocket_address(request, site))) {
        // For the pages of all: what XEP-0156 (§4) asks for.
        constexpr std::string_view for_all = "Access-Control-Allow-Origin: *\r\n";
        return {200, page(200, meta->content, meta->type, for_all), quoted(request.path)};
    }
    if (request.path == "/" && !request.upgrades)
        return answer_with(200,
                           "This is the port of an XMPP server, where chat clients connect.\n"
                           "There is nothing here for a browser to show; web clients use its WebSocket at " +
                               std::string{site.path} + ".",
                           quoted(request.path));
    return refuse(404, "There is nothing here.", request);
}

} // namespace

std::string accept_value(std::string_view key)
{
    const std::string proof = std::string{key} + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    if (EVP_Digest(proof.data(), proof.size(), digest.data(), &size, EVP_sha1(), nullptr) != 1)
        throw std::bad_alloc{};
    return base64_encode({reinterpret_cast<const char *>(digest.data()), size});
}

HttpAnswer refusal_of(const HttpFault &fault)
{
    return answer_with(fault.status, std::string{phrase(fault.status)} + ": " + std::string{fault.reason} + ".",
                       std::string{fault.reason});
}

HttpAnswer answer_to(std::string_view bytes, const Site &site)
{
    const auto [request, fault] = parse_request(bytes);
    return fault.status != 0 ? refusal_of(fault) : answer_to(request, site);
}

} // namespace jabberd::websocket
