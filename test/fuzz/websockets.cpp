// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fuzz/websockets.h"

#include "base/utf8.h"
#include "handover/state.h"
#include "websocket/frame_reader.h"
#include "websocket/http_request.h"
#include "websocket/upgrade.h"

#include <algorithm>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <vector>

namespace jabberd::fuzz {

namespace {

using websocket::FrameReader;
using websocket::HttpRequestReader;
using Kind = FrameReader::Heard::Kind;

constexpr std::uint64_t most = 70000; // of a message

bool begins_with_request(std::string_view bytes)
{
    return !bytes.empty() && websocket::may_begin_request(bytes.front());
}

websocket::Site some_site()
{
    return {.path = "/ws",
            .address = {},
            .origins = {},
            .is_ours = [](std::string_view host) { return host == "foo.com"; },
            .secure = false,
            .needs_tls = false};
}

// What a client says, byte after byte, in words: "GET…|" for a whole request, "[" and "]" around messages.
class Listener {
public:
    explicit Listener(bool with_request) : in_request_(with_request) {}

    void hear(std::string_view chunk)
    {
        std::string bytes{chunk};
        std::span<char> wire = bytes;
        while (!wire.empty() && !over_) {
            if (in_request_)
                read_request(wire);
            else
                tell(frames_.next(wire, most));
        }
    }

    // As a value, and from it.
    void cross_a_swap()
    {
        if (over_)
            return;
        HttpRequestReader request;
        if (in_request_ && !request.restore(request_.bytes()))
            throw std::runtime_error{"a request that does not cross a swap"};
        request_ = request;
        handover::ConnectionState state;
        frames_.save(state);
        frames_ = {};
        frames_.restore(state);
    }

    const std::string &heard() const { return heard_; }

private:
    void read_request(std::span<char> &wire)
    {
        std::string_view rest{wire.data(), wire.size()};
        const auto state = request_.read(rest);
        wire = wire.last(rest.size());
        if (state == HttpRequestReader::State::Refused) {
            heard_ += "refused " + std::to_string(request_.fault().status);
            over_ = true;
        } else if (state == HttpRequestReader::State::Whole) {
            heard_ += request_.bytes() + "|";
            in_request_ = false;
        }
    }

    void tell(const FrameReader::Heard &heard)
    {
        switch (heard.kind) {
        case Kind::Nothing: return;
        case Kind::Text:
            heard_.append(heard.begins ? "[" : "").append(heard.bytes).append(heard.ends ? "]" : "");
            return;
        case Kind::Ping: heard_.append("(").append(heard.bytes).append(")"); return;
        case Kind::Pong: heard_ += "."; return;
        case Kind::Close: heard_ += "close " + std::to_string(heard.code); break;
        case Kind::Fault: heard_ += "fault " + std::to_string(heard.code); break;
        }
        over_ = true;
    }

    HttpRequestReader request_;
    FrameReader frames_;
    std::string heard_;
    bool in_request_, over_ = false;
};

// RFC 6455 §5.2 as it stands there, for whole frames only.
class Book {
public:
    explicit Book(std::string_view bytes) : bytes_(bytes) {}

    // Of what is heard of the whole frames at the front; `over`: nothing may follow.
    std::string heard;
    bool over = false;

    void read()
    {
        while (!over && frame()) {
        }
    }

private:
    unsigned byte(std::size_t i) const { return static_cast<unsigned char>(bytes_[i]); }
    void fail(unsigned code)
    {
        heard += "fault " + std::to_string(code);
        over = true;
    }

    bool frame()
    {
        if (bytes_.size() < 2)
            return false;
        const unsigned first = byte(0), second = byte(1), opcode = first & 15, code = wrong_code(first, second);
        if (code != 0)
            return fail(code), false;
        std::uint64_t size = second & 127;
        std::size_t at = 2;
        if (const unsigned digits = size == 126 ? 2 : size == 127 ? 8 : 0; digits > 0) {
            if (bytes_.size() < at + digits)
                return false;
            const std::uint64_t least = digits == 2 ? 126 : 65536;
            for (size = 0; at < 2 + digits; ++at)
                size = size * 256 + byte(at);
            if (size < least || size >> 63 != 0)
                return fail(1002), false;
        }
        if (opcode < 8 && (size > most || size + message_ > most))
            return fail(1009), false;
        if (bytes_.size() < at + 4 || bytes_.size() - at - 4 < size)
            return false;
        std::string payload{bytes_.substr(at + 4, size)};
        for (std::size_t i = 0; i < payload.size(); ++i)
            payload[i] = static_cast<char>(payload[i] ^ bytes_[at + i % 4]);
        bytes_.remove_prefix(at + 4 + size);
        opcode < 8 ? text(payload, (first & 128) != 0) : control(opcode, payload);
        return true;
    }

    unsigned wrong_code(unsigned first, unsigned second) const
    {
        const unsigned opcode = first & 15;
        const bool known = opcode <= 2 || (opcode >= 8 && opcode <= 10);
        if ((first & 0x70) != 0 || !known || (opcode >= 8 && (first & 128) == 0) || (opcode == 1 && open_) ||
            (opcode == 0 && !open_))
            return 1002;
        if (opcode == 2)
            return 1003;
        return (second & 128) == 0 || (opcode >= 8 && (second & 127) > 125) ? 1002 : 0;
    }

    void text(const std::string &payload, bool final)
    {
        if (message_ == 0 && !payload.empty())
            heard += "[";
        heard += payload + (final ? "]" : "");
        message_ = final ? 0 : message_ + payload.size();
        open_ = !final;
    }

    void control(unsigned opcode, const std::string &payload)
    {
        if (opcode == 9)
            heard += "(" + payload + ")";
        else if (opcode == 10)
            heard += ".";
        else
            close(payload);
    }

    void close(const std::string &payload)
    {
        over = true;
        if (payload.empty()) {
            heard += "close 1005";
            return;
        }
        const unsigned code =
            payload.size() < 2 ? 0
                               : static_cast<unsigned char>(payload[0]) * 256u + static_cast<unsigned char>(payload[1]);
        const bool sendable =
            (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code < 5000);
        if (!sendable)
            return fail(1002);
        if (!is_utf8(std::string_view{payload}.substr(2)))
            return fail(1007);
        heard += "close " + std::to_string(code);
    }

    std::string_view bytes_;
    std::uint64_t message_ = 0;
    bool open_ = false;
};

std::string shown(std::string_view bytes)
{
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    for (const char c : bytes.substr(0, 2000)) {
        const auto number = static_cast<unsigned char>(c);
        if (c >= ' ' && c <= '~')
            out += c;
        else
            out.append("\\x").append(1, digits[number >> 4]).append(1, digits[number & 15]);
    }
    return out;
}

std::string frame(unsigned first, const std::string &payload, Random &random)
{
    std::string out{static_cast<char>(first)};
    const auto size = payload.size();
    if (size < 126)
        out += static_cast<char>(0x80 | size);
    else
        out.append(1, static_cast<char>(0xFE))
            .append(1, static_cast<char>(size >> 8))
            .append(1, static_cast<char>(size));
    std::string mask(4, '\0');
    for (char &byte : mask)
        byte = static_cast<char>(random());
    out += mask;
    for (std::size_t i = 0; i < size; ++i)
        out += static_cast<char>(payload[i] ^ mask[i % 4]);
    return out;
}

std::string some_message(Random &random)
{
    const std::string text =
        "<message><body>" + std::string(random() % (random() % 8 == 0 ? 400 : 20), 'x') + "</body></message>";
    std::string out;
    std::size_t at = 0;
    do {
        const std::size_t size =
            random() % 2 == 0 ? text.size() - at : std::min<std::size_t>(random() % 9, text.size() - at);
        const bool final = at + size == text.size();
        out += frame((at == 0 && out.empty() ? 1u : 0u) | (final ? 0x80u : 0u), text.substr(at, size), random);
        at += size;
        if (!final && random() % 3 == 0)
            out += frame(random() % 2 == 0 ? 0x89 : 0x8A, std::string(random() % 126, 'p'), random);
    } while (at < text.size());
    return out;
}

} // namespace

Failure same_is_heard_in_any_chunks(std::string_view bytes, Random &random)
{
    Listener whole{begins_with_request(bytes)}, pieces{begins_with_request(bytes)};
    whole.hear(bytes);
    for (std::size_t at = 0; at < bytes.size();) {
        const std::size_t size = std::min<std::size_t>(1 + random() % (random() % 2 == 0 ? 3 : 60), bytes.size() - at);
        pieces.hear(bytes.substr(at, size));
        at += size;
        try {
            if (random() % 2 == 0)
                pieces.cross_a_swap();
        } catch (const std::runtime_error &refused) {
            return std::string{refused.what()} + " behind " + shown(bytes.substr(0, at));
        }
    }
    if (whole.heard() == pieces.heard())
        return {};
    return "'" + shown(pieces.heard()) + "' in pieces, '" + shown(whole.heard()) + "' in one, of " + shown(bytes);
}

Failure heard_as_by_the_book(std::string_view bytes)
{
    if (begins_with_request(bytes)) {
        const auto end = bytes.find("\r\n\r\n");
        if (end == std::string_view::npos)
            return {};
        bytes.remove_prefix(end + 4);
    }
    if (begins_with_request(bytes))
        return {};
    Listener listener{false};
    listener.hear(bytes);
    Book book{bytes};
    book.read();
    // Of a frame that is not whole the one has heard a part, or what is wrong with it.
    const bool same = book.over ? listener.heard() == book.heard : listener.heard().starts_with(book.heard);
    if (same)
        return {};
    return "'" + shown(listener.heard()) + "' in place of '" + shown(book.heard) + "' of " + shown(bytes);
}

Failure answered_with_one_answer(std::string_view bytes)
{
    HttpRequestReader reader;
    std::string_view rest = bytes;
    const auto state = reader.read(rest);
    if (state == HttpRequestReader::State::Unfinished)
        return {};
    const websocket::HttpAnswer answer = state == HttpRequestReader::State::Whole
                                             ? websocket::answer_to(reader.bytes(), some_site())
                                             : websocket::refusal_of(reader.fault());
    const auto end = answer.bytes.find("\r\n\r\n");
    if (!answer.bytes.starts_with("HTTP/1.1 " + std::to_string(answer.status) + " ") || end == std::string::npos)
        return "an answer that is none: " + shown(answer.bytes);
    const std::size_t content = answer.bytes.size() - end - 4;
    const std::string length = "\r\nContent-Length: " + std::to_string(content) + "\r\n";
    if (answer.upgrades() ? content != 0 : answer.bytes.find(length) > end)
        return "an answer of another length: " + shown(answer.bytes);
    if (std::ranges::count(answer.bytes.substr(0, end), '\n') > 7)
        return "more header fields than we write: " + shown(answer.bytes);
    if (answer.about.find_first_of("\r\n") != std::string::npos)
        return "two lines in the log: " + shown(answer.about);
    return {};
}

Failure any_snapshot_of_a_frame_is_refused_or_read(std::string_view bytes, Random &random)
{
    handover::ConnectionState state;
    state.frame = bytes.substr(0, random() % 16);
    state.frame_taken = random() % 4 == 0 ? random() % 130 : 0;
    if (random() % 2 == 0)
        state.control = std::string(state.frame_taken, 'c');
    state.message_begun = random() % 2 == 0;
    state.message_bytes = random() % 3 == 0 ? random() : 0;
    FrameReader reader;
    try {
        reader.restore(state);
    } catch (const std::runtime_error &) {
        return {};
    }
    handover::ConnectionState again;
    reader.save(again);
    if (again != state)
        return "a frame that is another behind a swap: " + shown(state.frame);
    std::string rest{bytes};
    std::span<char> wire = rest;
    while (!wire.empty()) {
        const auto heard = reader.next(wire, most);
        if (heard.kind == Kind::Fault || heard.kind == Kind::Close)
            break;
    }
    return {};
}

std::string some_websocket(Random &random)
{
    std::string out;
    if (random() % 2 == 0) {
        out = "GET /" + std::string{random() % 4 == 0 ? "" : "ws"} +
              " HTTP/1.1\r\nHost: foo.com\r\nUpgrade: websocket\r\n" +
              "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
              "Sec-WebSocket-Protocol: xmpp\r\n";
        for (auto i = random() % 3; i > 0; --i)
            out += "X-" + std::string(random() % 20, 'h') + ": " + std::string(random() % 200, 'v') + "\r\n";
        out += "\r\n";
    }
    for (auto i = random() % 6; i > 0; --i)
        out += some_message(random);
    if (random() % 4 == 0)
        out += frame(0x88, random() % 2 == 0 ? "" : "\x03\xE8", random);
    return out;
}

std::string broken_websocket(std::string bytes, Random &random)
{
    for (auto i = 1 + random() % 3; i > 0 && !bytes.empty(); --i) {
        const std::size_t at = random() % bytes.size();
        switch (random() % 5) {
        case 0: bytes[at] = static_cast<char>(random()); break;
        case 1: bytes[at] = static_cast<char>(bytes[at] ^ 1 << random() % 8); break;
        case 2: bytes.erase(at, 1 + random() % 4); break;
        case 3: bytes.insert(at, bytes.substr(random() % bytes.size(), random() % 16)); break;
        default: bytes[at] = "\r\n :/\x81\x89\x80\xFE"[random() % 9];
        }
    }
    return bytes;
}

} // namespace jabberd::fuzz
