// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/client_websocket.h"

#include "support/element_splitter.h"

#include <array>
#include <stdexcept>

namespace jabberd::test {

namespace {

constexpr std::string_view framing = "urn:ietf:params:xml:ns:xmpp-framing";
constexpr std::string_view header_tag = "<stream:stream", end_tag = "</stream:stream>", declaration = "<?xml";
constexpr std::string_view white = " \t\r\n";

// The key and the answer of RFC 6455 §1.3.
constexpr std::string_view key = "dGhlIHNhbXBsZSBub25jZQ==", proof = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

// With the namespaces of a stream taken out, and that of framing put in.
std::string open_of(std::string_view header)
{
    std::string open = "<open xmlns='" + std::string{framing} + "'" + std::string{header.substr(header_tag.size())};
    for (const char *declared : {" xmlns='jabber:client'", " xmlns:stream='http://etherx.jabber.org/streams'"}) {
        if (const auto at = open.find(declared); at != std::string::npos)
            open.erase(at, std::string_view{declared}.size());
    }
    open.insert(open.size() - 1, "/");
    return open;
}

std::string_view first_element(std::string_view text)
{
    std::size_t size = 0;
    ElementSplitter splitter{[&](const std::string &element) { size = size == 0 ? element.size() : size; }};
    for (std::size_t i = 0; i < text.size() && size == 0; ++i) {
        if (!splitter.read(text.substr(i, 1)))
            break;
    }
    return size == 0 ? text : text.substr(0, size);
}

} // namespace

std::string ClientWebsocket::request(const std::string &path, const std::string &origin)
{
    return "GET " + path + " HTTP/1.1\r\nHost: foo.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
           "Sec-WebSocket-Key: " + std::string{key} + "\r\nSec-WebSocket-Version: 13\r\n" +
           "Sec-WebSocket-Protocol: xmpp\r\nSec-WebSocket-Extensions: permessage-deflate\r\n" +
           (origin.empty() ? "" : "Origin: " + origin + "\r\n") + "\r\n";
}

std::vector<std::string> ClientWebsocket::messages_of(std::string_view text)
{
    std::vector<std::string> messages;
    const auto skip = [&](std::size_t count) { text.remove_prefix(std::min(count, text.size())); };
    for (;;) {
        skip(text.find_first_not_of(white));
        if (text.empty())
            return messages;
        if (text.starts_with(declaration)) {
            skip(text.find('>') + 1);
        } else if (text.starts_with(header_tag) && text.find('>') != std::string_view::npos) {
            messages.push_back(open_of(text.substr(0, text.find('>') + 1)));
            skip(text.find('>') + 1);
        } else if (text.starts_with(end_tag)) {
            messages.push_back("<close xmlns='" + std::string{framing} + "'/>");
            skip(end_tag.size());
        } else {
            messages.emplace_back(first_element(text));
            skip(messages.back().size());
        }
    }
}

std::string ClientWebsocket::frame(std::string_view payload, unsigned first_byte)
{
    constexpr std::array<char, 4> mask = {'\x7A', '\x01', '\xF0', '\x3C'};
    std::string out{static_cast<char>(first_byte)};
    const auto append = [&](unsigned bytes) {
        while (bytes > 0)
            out += static_cast<char>(std::uint64_t{payload.size()} >> 8 * --bytes);
    };
    if (payload.size() < 126) {
        out += static_cast<char>(0x80 | payload.size());
    } else if (payload.size() < 65536) {
        out += static_cast<char>(0x80 | 126);
        append(2);
    } else {
        out += static_cast<char>(0x80 | 127);
        append(8);
    }
    out.append(mask.data(), mask.size());
    for (std::size_t i = 0; i < payload.size(); ++i)
        out += static_cast<char>(payload[i] ^ mask[i % mask.size()]);
    return out;
}

std::string ClientWebsocket::in_fragments(std::string_view message)
{
    std::string out;
    for (std::size_t i = 0; i < message.size(); ++i) {
        const bool is_last = i + 1 == message.size();
        out += frame(message.substr(i, 1), (i == 0 ? 0x01u : 0x00u) | (is_last ? 0x80u : 0u));
        if (!is_last && i % 8 == 0)
            out += frame({}, 0x8A); // a pong without a ping
    }
    return out;
}

void ClientWebsocket::arrived(std::string_view bytes)
{
    bytes_ += bytes;
    if (!open_ && !take_answer())
        return;
    while (error_.empty() && take_frame()) {
    }
}

bool ClientWebsocket::take_answer()
{
    const auto end = bytes_.find("\r\n\r\n");
    if (end == std::string::npos)
        return false;
    const std::string answer = bytes_.substr(0, end + 2);
    bytes_.erase(0, end + 4);
    open_ = answer.starts_with("HTTP/1.1 101 ") &&
            answer.find("\r\nSec-WebSocket-Accept: " + std::string{proof} + "\r\n") != std::string::npos &&
            answer.find("\r\nSec-WebSocket-Protocol: xmpp\r\n") != std::string::npos &&
            answer.find("Extensions") == std::string::npos;
    if (!open_)
        error_ = "the answer was " + answer.substr(0, answer.find('\r'));
    return open_;
}

bool ClientWebsocket::take_frame()
{
    if (bytes_.size() < 2)
        return false;
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes_[i]); };
    const unsigned opcode = byte(0) & 0x0F, spelling = byte(1);
    const std::size_t header = spelling == 126 ? 4 : spelling == 127 ? 10 : 2;
    if (bytes_.size() < header)
        return false;
    std::uint64_t size = header == 2 ? spelling : 0;
    for (std::size_t i = 2; i < header; ++i)
        size = size << 8 | byte(i);
    if ((byte(0) & 0xF0) != 0x80 || spelling > 127 || (header == 4 && size < 126) || (header == 10 && size < 65536)) {
        error_ = "a frame that no server sends";
        return false;
    }
    if (bytes_.size() - header < size)
        return false;
    const std::string payload = bytes_.substr(header, size);
    bytes_.erase(0, header + size);
    if (close_code_ != 0)
        error_ = "something behind the Close frame";
    else if (opcode == 1)
        message(payload);
    else
        control(opcode, payload);
    return true;
}

void ClientWebsocket::control(unsigned opcode, const std::string &payload)
{
    const auto tell = [&](const char *name) {
        Element element{std::string{websocket_namespace}, name, {}, {}, {}};
        if (!payload.empty())
            element.children.push_back({{}, {}, {}, {}, payload});
        events_.push_back({StreamEvent::Kind::Element, std::move(element)});
    };
    switch (opcode) {
    case 8:
        close_code_ = payload.size() < 2 ? 1005
                                         : static_cast<std::uint16_t>(static_cast<unsigned char>(payload[0]) << 8 |
                                                                      static_cast<unsigned char>(payload[1]));
        break;
    case 9: return tell("ping");
    case 10: return tell("pong");
    default: error_ = "a frame of the kind " + std::to_string(opcode);
    }
}

void ClientWebsocket::message(const std::string &text)
{
    try {
        Element element = parse_document(text);
        if (element.xmlns != framing)
            return events_.push_back({StreamEvent::Kind::Element, std::move(element)});
        if (element.name == "close")
            return events_.push_back({StreamEvent::Kind::End, {}});
        element.xmlns = stream_namespace;
        element.name = "stream";
        events_.push_back({StreamEvent::Kind::Header, std::move(element)});
    } catch (const std::invalid_argument &wrong) {
        error_ = wrong.what();
    }
}

} // namespace jabberd::test
