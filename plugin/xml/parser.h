// SPDX-License-Identifier: LGPL-2.1-or-later
// The one hardened XML reader: libxml2's push parser, from a peer's bytes to stanzas, without a tree.
#pragma once

#include "base/utf8.h"
#include "xml/body_writer.h"
#include "xml/held_back.h"
#include "xml/stanza.h"
#include "xml/words.h"

#include <libxml/parser.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace jabberd::xml {

// The reader of a stream: it hears of what was parsed. An event may call Parser::stop(), but neither feed() nor the
// destructor.
class Events {
public:
    virtual void on_stream_header(const StreamHeader &header) = 0;
    virtual void on_stanza(const Stanza &stanza) = 0;
    virtual void on_stream_end() = 0;

protected:
    ~Events() = default;
};

// Not thread-safe; belongs to one event loop. It is lent (parser_pool.h): any connection may go on with it as long as
// at_boundary() and its stream has the same primer.
class Parser {
public:
    // Expects a stream header; or, given the primer of one, the element after it.
    explicit Parser(std::string_view primer = {});
    ~Parser();
    Parser(const Parser &) = delete;
    Parser &operator=(const Parser &) = delete;

    // Reads bytes in any chunking; the events come before it returns. The first fault ends it: nothing after it is
    // reported, and every later call returns it again.
    Fault feed(std::string_view bytes, const Rules &rules, Events &events);

    // No further event of this feed is reported, and later ones report nothing. For use inside an event.
    void stop();
    bool stopped() const { return stopped_; }

    // After stop(): how much of what was fed last belongs to the element (or header) of that event, and to what came
    // before it. Another parser can go on with the rest.
    std::size_t taken() const { return static_cast<std::size_t>(stanza_begin_ - feed_begin_); }

    // Between two stanzas, with nothing but white space left to read.
    bool at_boundary() const;

    // libxml2's dictionary of names only ever grows; a parser that has seen many is not lent again.
    bool worn_out() const;

    // A component's packet, as it may be sent to a client: written out without sto and sfrom, read back, and so held to
    // the same rules as a client's. At a boundary only, with the usual primer. Null when it is not what
    // include/jabberd/packet.h promises (the parser is then unusable). Borrowed until the next call.
    const Stanza *rewrite(const jabberd_packet &packet, const Rules &rules);

    // Bytes of the stanza that is not finished yet.
    std::size_t unfinished_bytes() const { return static_cast<std::size_t>(fed_ - stanza_begin_); }

    // Memory that it takes because of its stream: what is not parsed yet, the stanza as it will go, and the names.
    std::size_t held_bytes() const;

private:
    friend struct SaxEvents; // libxml2's callbacks

    struct ContextDeleter {
        void operator()(xmlParserCtxt *context) const { xmlFreeParserCtxt(context); }
    };
    struct Name {
        const xmlChar *prefix, *name;
    };
    struct Value { // of the stanza's own start tag, in values_
        const xmlChar *name;
        const xmlChar *prefix;
        const xmlChar *xmlns;
        std::size_t offset, size;
    };

    bool reading() const { return fault_ == Fault::None && !stopped_; }
    void fail(Fault fault);
    bool text_between_stanzas() const;
    Fault judge_unread();
    std::string_view unread() const;
    std::string_view first_unread() const;
    long long offset() const;
    bool tag_is_closed() const;
    bool within_limits(const StartTag &tag);
    bool is_reference(std::string_view plain) const;
    void characters(std::string_view plain);
    void cdata(std::string_view plain);
    void on_declaration();
    void on_header(const StartTag &tag, const xmlChar *prefix);
    void begin_stanza(const StartTag &tag);
    void count_child(const StartTag &tag);
    const Imposed *imposed_on(const xmlChar *element) const;
    jabberd_view jabberd_packet::*field_of(const Value &value) const;
    void keep_other(const Value &value);
    void report_stanza(long long came);
    std::string_view kept(const Value &value) const
    {
        return std::string_view{values_}.substr(value.offset, value.size);
    }

    std::unique_ptr<xmlParserCtxt, ContextDeleter> context_;
    Words words_;
    const Rules *rules_ = nullptr; // during feed()
    Events *events_ = nullptr;     // during feed()
    Utf8 utf8_;
    HeldBack held_back_;
    BodyWriter body_;
    std::string values_;
    std::string rewritten_;
    std::vector<Name> open_; // elements, as they are called
    std::vector<Value> attributes_;
    std::vector<jabberd_attribute> other_attributes_;
    std::vector<std::string> other_names_;
    Stanza stanza_;
    long long fed_ = 0;          // bytes given to libxml2
    long long feed_begin_ = 0;   // fed_ before the last feed
    long long stanza_begin_ = 0; // where the last stanza (or the header) ended
    unsigned depth_ = 0;         // 1: inside the stream, between stanzas
    unsigned elements_ = 0;
    bool after_cr_ = false; // in a CDATA section
    unsigned brackets_ = 0; // "]"s that the text ends with so far, up to two
    bool primed_ = false;   // the header was ours
    bool stopped_ = false;
    Fault fault_ = Fault::None;
};

} // namespace jabberd::xml
