// SPDX-License-Identifier: LGPL-2.1-or-later
// The client's end of a stream with a server, without its socket (RFC 6120 §4): bytes in, elements out.
#pragma once

#include "stream/stream_error.h"
#include "xml/parser.h"
#include "xml/parser_pool.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace jabberd::upstream {

// Whom a stream tells. None of these may destroy it.
class ServerStreamOwner {
public:
    // What the server offers now: the children of <stream:features/>, as a body of that namespace.
    virtual void features(std::string_view children) = 0;

    // Any other element. Its xmlns is absent where it is a stanza.
    virtual void element(const xml::Stanza &stanza) = 0;

    // It has ended: by the server's word (a condition of RFC 6120 §4.9.3, and its text), by its closing tag (no
    // condition), or because what came was no stream.
    enum class End : std::uint8_t { Closed, ServerError, Broken };
    virtual void ended(End end, std::string_view condition, std::string_view text) = 0;

    // see-other-host (RFC 6120 §4.9.3.19), in place of ended(). False: the owner does not go there, and ended()
    // follows.
    virtual bool moved(std::string_view) { return false; }

protected:
    ~ServerStreamOwner() = default;
};

// Between two elements it owns no parser.
class ServerStream final : private xml::Events {
public:
    // The owner is borrowed for life.
    explicit ServerStream(ServerStreamOwner &owner) : owner_(owner) {}

    // What opens it, at first and after each login; `from` may be "". The next bytes of the server answer that. May be
    // called from inside an event.
    std::string open(std::string_view host, std::string_view from, std::string_view lang);

    void feed(std::string_view bytes, const xml::Limits &limits, xml::ParserPool &parsers);

    // As a value. An element that is not complete goes as the server's own bytes.
    struct Value {
        bool header_due = true, ended = false;
        std::string primer, unfinished;
    };
    Value save() const { return {header_due_, ended_, primer_, unfinished_}; }
    // Throws std::runtime_error when the bytes are of no unfinished element.
    void restore(Value value, const xml::Limits &limits, xml::ParserPool &parsers);

private:
    void on_stream_header(const xml::StreamHeader &header) override;
    void on_stanza(const xml::Stanza &stanza) override;
    void on_stream_end() override;
    void on_error(const xml::Stanza &stanza);
    void end_quietly();
    void end(ServerStreamOwner::End end, std::string_view condition, std::string_view text);

    ServerStreamOwner &owner_;
    std::unique_ptr<xml::Parser> parser_;
    std::string primer_, unfinished_;
    bool header_due_ = true;
    bool ended_ = false;
    bool feeding_ = false;
};

} // namespace jabberd::upstream
