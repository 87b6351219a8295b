// SPDX-License-Identifier: LGPL-2.1-or-later
// A client's end of a WebSocket (RFC 6455, RFC 7395), in memory: who moves the bytes is somebody else. What a stream
// over TCP has is told, and sent, in the same words: <stream:stream> for <open/>, </stream:stream> for <close/>.
#pragma once

#include "support/stream_reader.h"

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace jabberd::test {

// The namespace of what is no element of the stream: <ping/> and <pong/>, with their payload as text.
inline constexpr std::string_view websocket_namespace = "test:websocket";

class ClientWebsocket {
public:
    explicit ClientWebsocket(std::deque<StreamEvent> &events) : events_(events) {}

    // `origin` "": none.
    static std::string request(const std::string &path, const std::string &origin);

    // What has come, from the first byte of the answer on. A server's frame that breaks a rule, a message that is no
    // document by itself, become error().
    void arrived(std::string_view bytes);

    bool is_open() const { return open_; }
    std::uint16_t close_code() const { return close_code_; } // of the server's Close frame; 0: none has come
    const std::string &error() const { return error_; }

    // The elements of a text, each as a message; what is none, too.
    static std::vector<std::string> messages_of(std::string_view text);
    static std::string frame(std::string_view payload, unsigned first_byte = 0x81);
    static std::string in_fragments(std::string_view message); // a byte each, and pings in between

private:
    bool take_answer();
    bool take_frame();
    void control(unsigned opcode, const std::string &payload);
    void message(const std::string &text);

    std::deque<StreamEvent> &events_;
    std::string bytes_;
    std::string error_;
    bool open_ = false;
    std::uint16_t close_code_ = 0;
};

} // namespace jabberd::test
