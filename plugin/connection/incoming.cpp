// SPDX-License-Identifier: LGPL-2.1-or-later
#include "connection/incoming.h"

#include "connection/snapshot_values.h"

#include <jabberd/snapshot.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace jabberd::connection {

namespace {

// What a parser with an unfinished element holds besides the element (libxml2's context, measured).
constexpr std::size_t parser_bytes = 16384;

// Of bytes that were read before: they bring nothing new.
class NoEvents final : public xml::Events {
public:
    bool broken = false;

private:
    void on_stream_header(const xml::StreamHeader &) override { broken = true; }
    void on_stanza(const xml::Stanza &) override { broken = true; }
    void on_stream_end() override { broken = true; }
};

// Also when an allocation has failed.
class Feeding {
public:
    Feeding(xml::Rules *&now, xml::Rules &rules) : now_(now) { now_ = &rules; }
    ~Feeding() { now_ = nullptr; }
    Feeding(const Feeding &) = delete;
    Feeding &operator=(const Feeding &) = delete;

private:
    xml::Rules *&now_;
};

} // namespace

void Incoming::count_bytes(std::size_t count, Time now)
{
    last_read_ = now;
    bytes_ += count;
}

Time Incoming::ready_at(const config::Limits &limits) const
{
    return std::max(byte_rate_.ready_at(limits.bytes), stanza_rate_.ready_at(limits.stanzas));
}

std::string_view Incoming::too_fast(const config::Limits &limits) const
{
    return byte_rate_.ready_at(limits.bytes) >= stanza_rate_.ready_at(limits.stanzas) ? "bytes" : "stanzas";
}

std::unique_ptr<xml::Parser> Incoming::next_parser(xml::ParserPool &parsers) const
{
    return header_due_ && !header_is_element_ ? std::make_unique<xml::Parser>() : parsers.borrow(primer());
}

Incoming::Fed Incoming::feed(std::string_view bytes, xml::Rules rules, xml::ParserPool &parsers, xml::Events &events)
{
    if (!parser_)
        parser_ = next_parser(parsers);
    xml::Fault fault{};
    {
        const Feeding feeding{rules_, rules};
        fault = parser_->feed(bytes, rules, events);
    }

    Fed fed{fault, bytes.size(), false};
    if (fault != xml::Fault::None || parser_->stopped()) {
        if (fault == xml::Fault::None)
            fed.taken = parser_->taken();
        parser_.reset();
        element_ended();
    } else if (parser_->at_boundary()) {
        parsers.give_back(std::move(parser_), primer());
        element_ended();
    } else {
        unfinished_ += bytes;
        unfinished_.erase(0, unfinished_.size() - parser_->unfinished_bytes());
        fed.began = parser_->unfinished_bytes() <= bytes.size();
    }
    return fed;
}

void Incoming::stop()
{
    if (feeding())
        parser_->stop();
    else
        parser_.reset();
}

void Incoming::expect_header()
{
    stop();
    header_due_ = true;
    std::string{}.swap(primer_);
}

void Incoming::header_came(std::string_view primer)
{
    header_due_ = false;
    if (!xml::is_usual_primer(primer))
        primer_ = primer;
}

std::size_t Incoming::held_bytes() const
{
    std::size_t held = unread_.capacity() > std::string{}.capacity() ? unread_.capacity() : 0;
    if (parser_ && !feeding())
        held += parser_bytes + parser_->held_bytes() + unfinished_.capacity();
    return held;
}

void Incoming::save(handover::ConnectionState &state) const
{
    state.header = primer_;
    state.unfinished = unfinished_;
    state.unread = unread_;
    state.last_read = nanoseconds(last_read_);
    state.bytes_in = bytes_;
    state.stanzas_in = stanzas_;
}

void Incoming::restore(const handover::ConnectionState &state, const xml::Rules &rules, xml::ParserPool &parsers)
{
    primer_ = state.header;
    unread_ = state.unread;
    last_read_ = time_of(state.last_read);
    bytes_ = state.bytes_in;
    stanzas_ = state.stanzas_in;
    header_due_ = state.stream == JABBERD_STREAM_HEADER_DUE;
    header_is_element_ = state.websocket != 0;
    if (state.unfinished.empty() || (!header_due_ && state.stream != JABBERD_STREAM_OPEN))
        return;
    unfinished_ = state.unfinished;
    parser_ = next_parser(parsers);
    xml::Rules unlimited = rules;
    unlimited.limits = xml::no_limits; // those of the predecessor have let it in
    NoEvents events;
    if (parser_->feed(unfinished_, unlimited, events) != xml::Fault::None || events.broken)
        throw std::runtime_error{"an unfinished element that is finished, or none"};
}

} // namespace jabberd::connection
