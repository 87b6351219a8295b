// SPDX-License-Identifier: LGPL-2.1-or-later
// The half of a connection that reads: a client's bytes until they are stanzas, and how fast they may come.
#pragma once

#include "base/clock.h"
#include "config/options.h"
#include "handover/state.h"
#include "net/token_bucket.h"
#include "xml/parser.h"
#include "xml/parser_pool.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace jabberd::connection {

// While no element is unfinished it owns neither parser nor buffer.
class Incoming {
public:
    Incoming(const config::Limits &limits, Time now)
        : byte_rate_(limits.bytes, now), stanza_rate_(limits.stanzas, now), last_read_(now)
    {
    }

    // As a value, and from it: only the rates begin anew. `rules` are those of its stream. Throws std::runtime_error
    // when what was unfinished cannot be.
    void save(handover::ConnectionState &state) const;
    void restore(const handover::ConnectionState &state, const xml::Rules &rules, xml::ParserPool &parsers);

    // So many bytes have come from the client, or so many stanzas of its session.
    void count_bytes(std::size_t count, Time now);
    void count_stanza() { ++stanzas_; }
    void charge_bytes(const config::Limits &limits, std::size_t count, Time now)
    {
        byte_rate_.take(limits.bytes, static_cast<std::uint32_t>(count), now);
    }
    void charge_stanza(const config::Limits &limits, Time now) { stanza_rate_.take(limits.stanzas, 1, now); }
    Time ready_at(const config::Limits &limits) const;
    std::string_view too_fast(const config::Limits &limits) const; // of what that waits for: "bytes" or "stanzas"

    // Has the events of as many bytes as one parser takes: all, or those up to the event in which stop() was called.
    // Inside of an event use() changes the rules.
    struct Fed {
        xml::Fault fault;
        std::size_t taken;
        bool began; // an element (or a header) that was not there before is unfinished now
    };
    Fed feed(std::string_view bytes, xml::Rules rules, xml::ParserPool &parsers, xml::Events &events);
    bool feeding() const { return rules_ != nullptr; }
    void use(const xml::Rules &rules) { *rules_ = rules; }

    // Inside of an event: none follows it, and the rest of the bytes is for the next parser. Else: what is unfinished
    // is forgotten.
    void stop();

    // The stream header is an element like those that follow it, and so is the end (websocket/framing.h): a parser that
    // is past the usual header reads it.
    void take_header_for_element() { header_is_element_ = true; }

    // A stream header is due, or has come: with these namespace declarations.
    void expect_header();
    void header_came(std::string_view primer);
    bool header_due() const { return header_due_; }
    bool unfinished() const { return parser_ != nullptr; }

    // What the client has sent behind something that must be answered first.
    void keep_unread(std::string_view bytes) { unread_ = bytes; }
    std::string take_unread() { return std::exchange(unread_, {}); }
    bool has_unread() const { return !unread_.empty(); }

    // Inside of an event: whether there is more behind the element that it is about.
    bool has_more() const { return parser_->unfinished_bytes() > 0; }

    // Memory that the unfinished element takes, and what is unread.
    std::size_t held_bytes() const;

    Time last_read() const { return last_read_; }
    std::uint64_t bytes() const { return bytes_; }
    std::uint64_t stanzas() const { return stanzas_; }

private:
    std::string_view primer() const { return primer_.empty() ? xml::usual_primer : std::string_view{primer_}; }
    std::unique_ptr<xml::Parser> next_parser(xml::ParserPool &parsers) const;
    void element_ended() { std::string{}.swap(unfinished_); }

    std::string primer_;                  // empty: the usual one
    std::unique_ptr<xml::Parser> parser_; // while an element is unfinished, and during feed()
    std::string unfinished_;              // what parser_ has read of the element
    std::string unread_;
    xml::Rules *rules_ = nullptr; // during feed(), of its events
    net::TokenBucket byte_rate_, stanza_rate_;
    Time last_read_;
    std::uint64_t bytes_ = 0, stanzas_ = 0;
    bool header_due_ = true, header_is_element_ = false;
};

} // namespace jabberd::connection
