// SPDX-License-Identifier: LGPL-2.1-or-later
// The WebSocket of a client: the HTTP request that it begins with, and then its messages, which are frames.
#pragma once

#include "config/options.h"
#include "connection/socket.h"
#include "handover/state.h"
#include "stream/stream_error.h"
#include "tls/certificates.h"
#include "websocket/frame_reader.h"
#include "websocket/http_request.h"
#include "websocket/upgrade.h"
#include "xml/stanza.h"

#include <cstddef>
#include <cstdint>
#include <string>

namespace jabberd::connection {

// Of one connection. Between two elements it holds a few bytes.
class Messages {
public:
    Messages() = default; // a request is due

    // As a value, and from it. Throws std::runtime_error.
    void save(handover::ConnectionState &state) const;
    explicit Messages(const handover::ConnectionState &state);

    // Until it is open: the request.
    websocket::HttpRequestReader &request() { return request_; }
    bool is_open() const { return open_; }
    void open();

    // Then: the frames.
    websocket::FrameReader &frames() { return frames_; }
    bool begun() const { return frames_.begun(); }

    // Of the message that is being read: whether its one element has ended.
    bool element_done = false;

    // What the Close frame will say: the first reason is the one.
    void close_with(std::uint16_t code) { code_ = code_ == 0 ? code : code_; }
    std::uint16_t close_code() const { return code_ == 0 ? websocket::close_code::normal : code_; }

    std::size_t held_bytes() const { return open_ ? 0 : request_.bytes().capacity(); }

private:
    websocket::HttpRequestReader request_;
    websocket::FrameReader frames_;
    std::uint16_t code_ = 0;
    bool open_ = false;
};

// What is answered to a whole request. `needs_tls`: no login without.
websocket::HttpAnswer answer_request(std::string_view request, const Socket &socket, const config::Options &options,
                                     const tls::Certificates *certificates, bool needs_tls);

// By which code the WebSocket ends when its stream ends with that error (RFC 6455 §7.4.1).
std::uint16_t close_code_of(stream::Condition condition);

// <open/> as the stream header that it is (RFC 7395 §3.3). Borrows from the stanza.
xml::StreamHeader header_of(const xml::Stanza &open);

} // namespace jabberd::connection
