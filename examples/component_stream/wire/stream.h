// SPDX-License-Identifier: LGPL-2.1-or-later
// A component stream without its socket: bytes in, stanzas and bytes out (XEP-0114, and what came before it).
#pragma once

#include "component_stream/config/options.h"
#include "stream/stream_error.h"
#include "xml/parser.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace jabberd::component_stream {

// Whom a stream tells. None of these may destroy it.
class StreamOwner {
public:
    // To be written, behind what was before.
    virtual void write(std::string_view bytes) = 0;

    // The peer has shown that it knows the secret. `name`: the host in the stream header, "" where there is none.
    // Something: the stream cannot have its names.
    virtual std::optional<stream::StreamError> authenticated(std::string_view name) = 0;

    // The peer does not know it. The stream goes no further; refuse() says so to the peer, now or later.
    virtual void wrong_secret() = 0;

    // An element of an open stream: between its header and its end nothing else comes.
    virtual void stanza(const xml::Stanza &stanza) = 0;

    // It has ended: by the peer's word, or by an error that the peer has been told. `why` for the log.
    enum class End : std::uint8_t { Closed, PeerError, OurError };
    virtual void ended(End end, std::string_view condition, std::string_view why) = 0;

protected:
    ~StreamOwner() = default;
};

//   accept    WaitForHeader ──header──▶ WaitForHandshake ──▶ Open ──▶ Ended
//   connect   WaitForHeader ──header──▶ WaitForAnswer ─────▶ Open ──▶ Ended
//                      wrong secret ──▶ Refused ──refuse()──▶ Ended
class Stream final : private xml::Events {
public:
    enum class State : std::uint8_t { WaitForHeader, WaitForHandshake, WaitForAnswer, Open, Refused, Ended };

    // Options and owner are borrowed for life, but for use(). `id`: of an accepted stream.
    Stream(const EndpointOptions &options, std::string_view service_id, StreamOwner &owner, std::string id);

    void begin();                      // writes the header of a <connect>
    void feed(std::string_view bytes); // what the peer sent
    void fail(const stream::StreamError &error);
    void refuse(); // tells the peer that its secret is wrong
    void use(const EndpointOptions &options) { options_ = &options; }

    State state() const { return state_; }
    const std::string &name() const { return name_; }
    bool is_root() const { return root_; } // jabberd 1.1's

    // As a value. An element that is not complete goes as the peer's own bytes.
    struct Value {
        State state = State::WaitForHeader;
        std::string id, name, primer, content_namespace, unfinished;
        bool root = false, header_sent = false;
    };
    Value save() const;
    // Throws std::runtime_error when the unfinished bytes are of no unfinished element.
    void restore(Value value);

private:
    void on_stream_header(const xml::StreamHeader &header) override;
    void on_stanza(const xml::Stanza &stanza) override;
    void on_stream_end() override;

    std::optional<stream::StreamError> judge(const xml::StreamHeader &header) const;
    void answer_header();
    void on_handshake(const xml::Stanza &stanza);
    void on_answer(const xml::Stanza &stanza);
    void on_peer_error(const xml::Stanza &stanza);
    void open();
    void end(StreamOwner::End end, std::string_view condition, std::string_view why);
    bool is_content(std::string_view xmlns) const { return xmlns == content_namespace_; }
    xml::Rules rules() const;

    const EndpointOptions *options_;
    const std::string service_id_;
    StreamOwner &owner_;
    std::unique_ptr<xml::Parser> parser_ = std::make_unique<xml::Parser>();
    State state_ = State::WaitForHeader;
    std::string id_;   // of the stream
    std::string name_; // the host in the header
    std::string primer_, content_namespace_;
    std::string unfinished_; // what the parser has read and not reported
    xml::Rules rules_{};     // during feed(); borrows nothing
    bool root_ = false;
    bool header_sent_ = false;
};

} // namespace jabberd::component_stream
