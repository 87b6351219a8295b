// SPDX-License-Identifier: LGPL-2.1-or-later
#include "xml/parser.h"

#include "base/view.h"
#include "xml/declared_encoding.h"
#include "xml/escape.h"
#include "xml/namespaces.h"
#include "xml/packet_text.h"
#include "xml/sax_events.h"

#include <libxml/dict.h>

#include <algorithm>
#include <climits>
#include <new>

namespace jabberd::xml {

namespace {

// The names of all XMPP extensions together are some 20 KB. libxml2 gives up at 10 MB.
constexpr std::size_t worn_out_dictionary_bytes = 256 * 1024;

// Beyond this a stream ends. It gets there only by inventing names without ever pausing between two stanzas, where its
// parser would be replaced.
constexpr std::size_t max_dictionary_bytes = 4 * worn_out_dictionary_bytes;

long long most_declarations(long long bytes_that_came, const Limits &limits)
{
    return bytes_that_came + limits.growth;
}

constexpr std::string_view white_space = " \t\r\n";

class NoEvents final : public Events {
    void on_stream_header(const StreamHeader &) override {}
    void on_stanza(const Stanza &) override {}
    void on_stream_end() override {}
};

std::string_view attribute_value(const xmlChar **attribute)
{
    return {reinterpret_cast<const char *>(attribute[3]), static_cast<std::size_t>(attribute[4] - attribute[3])};
}

// Most differ in the first letter.
bool is(const xmlChar *text, std::string_view word)
{
    return text != nullptr && static_cast<char>(text[0]) == word[0] && as_text(text) == word;
}

bool has_attribute(const StartTag &tag, std::string_view name, std::string_view value)
{
    for (int i = 0; i < tag.attribute_count; ++i) {
        const xmlChar **attribute = tag.attributes + i * StartTag::per_attribute;
        if (attribute[1] == nullptr && as_text(attribute[0]) == name && attribute_value(attribute) == value)
            return true;
    }
    return false;
}

} // namespace

Parser::Parser(std::string_view primer)
    : context_(xmlCreatePushParserCtxt(sax_handler(), nullptr, nullptr, 0, nullptr))
    , words_(context_ ? context_->dict : throw std::bad_alloc{})
    , primed_(!primer.empty())
{
    context_->userData = context_.get();
    context_->_private = this;
    // NOENT: only then are the predefined entities in attribute values replaced; there are no others, since a DOCTYPE
    // ends the parse. IGNORE_ENC: declared_encoding.h. OLD10:
    // names as in XML 1.0 before its fifth edition. expat has never known another, and a client that reads with it
    // would be thrown off by a stanza of ours with <€/> in it.
    xmlCtxtUseOptions(context_.get(), XML_PARSE_NOENT | XML_PARSE_NONET | XML_PARSE_IGNORE_ENC | XML_PARSE_OLD10);
    if (!primed_)
        return;
    NoEvents no_events;
    constexpr Rules generous{.limits = {.bytes = UINT_MAX,
                                        .elements = UINT_MAX,
                                        .attributes = UINT_MAX,
                                        .depth = UINT_MAX,
                                        .name_bytes = UINT_MAX}};
    // A primer comes from a header that was parsed.
    if (feed(primer, generous, no_events) != Fault::None || !at_boundary())
        throw std::bad_alloc{};
}

Parser::~Parser() = default;

Fault Parser::feed(std::string_view bytes, const Rules &rules, Events &events)
{
    if (!reading())
        return fault_;
    rules_ = &rules;
    events_ = &events;
    feed_begin_ = fed_;
    // libxml2 does not look closely at what is in a CDATA section, and takes UTF-16 and EBCDIC for granted.
    const std::size_t readable = utf8_.accept(bytes);
    const bool all_readable = readable == bytes.size();
    bytes = bytes.substr(0, readable);
    while (!bytes.empty() && reading()) {
        const std::string_view chunk = bytes.substr(0, INT_MAX);
        bytes.remove_prefix(chunk.size());
        fed_ += static_cast<long long>(chunk.size());
        xmlParseChunk(context_.get(), chunk.data(), static_cast<int>(chunk.size()), 0);
        if (reading() && !context_->wellFormed)
            fail(Fault::NotWellFormed);
    }
    if (reading() && text_between_stanzas())
        fail(Fault::BadFormat);
    if (reading()) {
        if (const Fault fault = judge_unread(); fault != Fault::None)
            fail(fault);
    }
    if (reading() && !all_readable)
        fail(Fault::NotWellFormed);
    if (reading() && unfinished_bytes() > rules.limits.bytes) {
        if (at_boundary())
            stanza_begin_ = offset(); // white space between stanzas is not part of the next one
        else
            fail(Fault::TooManyBytes);
    }
    rules_ = nullptr;
    events_ = nullptr;
    return fault_;
}

void Parser::stop()
{
    stopped_ = true;
    xmlStopParser(context_.get());
}

void Parser::fail(Fault fault)
{
    if (fault_ == Fault::None)
        fault_ = fault;
    xmlStopParser(context_.get());
}

bool Parser::at_boundary() const
{
    // The state too: an open CDATA section has nothing unread either, and would swallow the next borrower's stanza.
    return reading() && depth_ == 1 && context_->instate == XML_PARSER_CONTENT && first_unread().empty();
}

// libxml2 holds text back until it sees what comes after it; the client would wait for an answer meanwhile.
bool Parser::text_between_stanzas() const
{
    const std::string_view unread = first_unread();
    return depth_ == 1 && !unread.empty() && unread.front() != '<';
}

// Whatever is not complete waits for what may come, but not when nothing that may come is right.
Fault Parser::judge_unread()
{
    const std::string_view held = unread();
    if (held.empty())
        return Fault::None;
    HeldBack::Where where{};
    switch (context_->instate) {
    case XML_PARSER_START: where.place = HeldBack::Place::Beginning; break;
    case XML_PARSER_CDATA_SECTION: where.place = HeldBack::Place::InCdata; break;
    case XML_PARSER_MISC:
    case XML_PARSER_PROLOG:
    case XML_PARSER_START_TAG:
    case XML_PARSER_CONTENT:
    case XML_PARSER_END_TAG:
        where.place = depth_ == 0   ? HeldBack::Place::BeforeHeader
                      : depth_ == 1 ? HeldBack::Place::BetweenStanzas
                                    : HeldBack::Place::InStanza;
        break;
    default: return Fault::None; // nothing is expected any more
    }
    if (!open_.empty()) {
        where.prefix = open_.back().prefix == nullptr ? std::string_view{} : as_text(open_.back().prefix);
        where.name = as_text(open_.back().name);
    }
    where.brackets = brackets_;
    return held_back_.judge(held, offset(), where);
}

// What libxml2 was given and has not looked at.
std::string_view Parser::unread() const
{
    const auto *input = context_->input;
    return {reinterpret_cast<const char *>(input->cur), static_cast<std::size_t>(input->end - input->cur)};
}

// The same from the first character that is not white space.
std::string_view Parser::first_unread() const
{
    const std::string_view bytes = unread();
    const auto first = bytes.find_first_not_of(white_space);
    return first == std::string_view::npos ? std::string_view{} : bytes.substr(first);
}

bool Parser::worn_out() const
{
    return xmlDictGetUsage(context_->dict) > worn_out_dictionary_bytes;
}

std::size_t Parser::held_bytes() const
{
    const auto buffered = static_cast<std::size_t>(context_->input->end - context_->input->base);
    return buffered + body_.text().capacity() + xmlDictGetUsage(context_->dict);
}

const Stanza *Parser::rewrite(const jabberd_packet &packet, const Rules &rules)
{
    class OneStanza final : public Events {
    public:
        unsigned count = 0;
        bool ended = false;

    private:
        void on_stream_header(const StreamHeader &) override {}
        void on_stanza(const Stanza &) override { ++count; }
        void on_stream_end() override { ended = true; }
    } events;
    jabberd_packet bare = packet;
    bare.sto = {};
    bare.sfrom = {};
    rewritten_.clear();
    append_packet(rewritten_, bare);
    const Fault fault = feed(rewritten_, rules, events);
    if (fault != Fault::None || events.count != 1 || events.ended || !at_boundary())
        return nullptr;
    // An attribute called sto or sfrom among the others is a mistake of its sender; here it ends.
    stanza_.packet.sto = {};
    stanza_.packet.sfrom = {};
    return &stanza_;
}

long long Parser::offset() const
{
    const auto *input = context_->input;
    return static_cast<long long>(input->consumed) + (input->cur - input->base);
}

// libxml2 judges the names of a tag, and reports it, before it finds out that its '>' is missing.
bool Parser::tag_is_closed() const
{
    return *context_->input->cur == '>' || *context_->input->cur == '/';
}

bool Parser::within_limits(const StartTag &tag)
{
    const Limits &limits = rules_->limits;
    const auto too_long = [&](const xmlChar *name) { return as_text(name).size() > limits.name_bytes; };
    const long long size = offset() - stanza_begin_;
    if (size > static_cast<long long>(limits.bytes))
        return fail(Fault::TooManyBytes), false;
    // At a stanza's own tag the body is still that of the one before.
    if (depth_ > 1 && static_cast<long long>(body_.declarations()) > most_declarations(size, limits))
        return fail(Fault::GrowsTooMuch), false;
    if (depth_ == 1 && xmlDictGetUsage(context_->dict) > max_dictionary_bytes)
        return fail(Fault::TooManyNames), false;
    if (depth_ > limits.depth)
        return fail(Fault::TooDeep), false;
    if (++elements_ > limits.elements)
        return fail(Fault::TooManyElements), false;
    if (static_cast<unsigned>(tag.attribute_count + tag.declaration_count) > limits.attributes)
        return fail(Fault::TooManyAttributes), false;
    if (size <= static_cast<long long>(limits.name_bytes))
        return true; // so no name in it is longer
    if (too_long(tag.name))
        return fail(Fault::NameTooLong), false;
    for (int i = 0; i < tag.attribute_count; ++i) {
        if (too_long(tag.attributes[i * StartTag::per_attribute]))
            return fail(Fault::NameTooLong), false;
    }
    return true;
}

void Parser::on_declaration()
{
    if (!declares_utf8(*context_->input))
        fail(Fault::UnsupportedEncoding);
}

void Parser::on_header(const StartTag &tag, const xmlChar *prefix)
{
    stanza_begin_ = offset() + 1; // behind its '>'
    elements_ = 0;
    if (primed_)
        return;

    const std::string name = prefix == nullptr ? std::string{as_text(tag.name)}
                                               : std::string{as_text(prefix)}.append(":").append(as_text(tag.name));
    std::string primer = "<" + name;
    StreamHeader header;
    header.is_stream = as_text(tag.name) == "stream" && as_text(tag.xmlns) == ns::streams;
    for (int i = 0; i < tag.declaration_count; ++i) {
        const xmlChar *declared = tag.declarations[2 * i];
        const std::string_view xmlns = as_text(tag.declarations[2 * i + 1]);
        if (declared == nullptr)
            header.content_namespace = xmlns;
        append_attribute(primer,
                         declared == nullptr ? std::string{"xmlns"} : std::string{"xmlns:"}.append(as_text(declared)),
                         xmlns);
    }
    primer += '>';
    header.primer = primer;
    for (int i = 0; i < tag.attribute_count; ++i) {
        const xmlChar **attribute = tag.attributes + i * StartTag::per_attribute;
        const std::string_view key = as_text(attribute[0]);
        const std::string_view key_prefix = as_text(attribute[1]);
        if (key_prefix == "xml" && key == "lang")
            header.lang = view(attribute_value(attribute));
        if (attribute[1] != nullptr)
            continue;
        if (key == "to")
            header.to = view(attribute_value(attribute));
        else if (key == "from")
            header.from = view(attribute_value(attribute));
        else if (key == "id")
            header.id = view(attribute_value(attribute));
        else if (key == "version")
            header.version = view(attribute_value(attribute));
    }
    events_->on_stream_header(header);
}

void Parser::begin_stanza(const StartTag &tag)
{
    values_.clear();
    attributes_.clear();
    stanza_ = Stanza{};
    stanza_.packet.size = sizeof stanza_.packet;
    stanza_.packet.name = view(as_text(tag.name));
    if (tag.xmlns != words_.client)
        stanza_.packet.xmlns = view(as_text(tag.xmlns));
    for (int i = 0; i < tag.attribute_count; ++i) {
        const xmlChar **attribute = tag.attributes + i * StartTag::per_attribute;
        const std::string_view value = attribute_value(attribute);
        attributes_.push_back({attribute[0], attribute[1], attribute[2], values_.size(), value.size()});
        values_ += value;
    }
    body_.begin(tag.xmlns);
}

// libxml2 reports a reference by itself, one character, when it has just read the ';'.
bool Parser::is_reference(std::string_view plain) const
{
    constexpr std::size_t longest_character = 4;
    const auto *input = context_->input;
    return plain.size() <= longest_character && input->cur > input->base && input->cur[-1] == ';' &&
           !plain.ends_with(';');
}

void Parser::characters(std::string_view plain)
{
    const bool reference = is_reference(plain);
    if (depth_ <= 1) {
        if (reference || plain.find_first_not_of(white_space) != std::string_view::npos)
            return fail(Fault::BadFormat);
        stanza_begin_ = offset(); // keepalives do not add up to a stanza
        return;
    }
    body_.characters(plain);
    // "]]>" is an error in text (XML 1.0 §2.4), and libxml2 overlooks it when it comes in two pieces.
    std::string seam(brackets_, ']');
    brackets_ = 0;
    if (reference)
        return;
    if (seam.append(plain.substr(0, 2)).find("]]>") != std::string::npos)
        return fail(Fault::NotWellFormed);
    const std::string_view tail = plain.size() < 2 ? std::string_view{seam} : plain;
    while (brackets_ < 2 && brackets_ < tail.size() && tail[tail.size() - 1 - brackets_] == ']')
        ++brackets_;
}

// libxml2's push parser leaves the line ends of a CDATA section as they are; XML 1.0 §2.11 makes all of them newlines.
void Parser::cdata(std::string_view plain)
{
    brackets_ = 0;
    const auto *input = context_->input;
    if (std::string_view{reinterpret_cast<const char *>(input->base),
                         static_cast<std::size_t>(input->cur - input->base)}
            .ends_with("<![CDATA["))
        after_cr_ = false; // the first piece of a section
    if (after_cr_ && plain.starts_with('\n'))
        plain.remove_prefix(1);
    after_cr_ = plain.ends_with('\r');
    for (auto cr = plain.find('\r'); cr != std::string_view::npos; cr = plain.find('\r')) {
        body_.characters(plain.substr(0, cr));
        body_.characters("\n");
        plain.remove_prefix(plain.substr(cr).starts_with("\r\n") ? cr + 2 : cr + 1);
    }
    body_.characters(plain);
}

// Notes what the reader wants to know of a direct child of the stanza.
void Parser::count_child(const StartTag &tag)
{
    if (stanza_.child_count++ == 0) {
        stanza_.child_name = as_text(tag.name);
        stanza_.child_xmlns = as_text(tag.xmlns);
    }
    unsigned bit = 1;
    for (const Sought &sought : rules_->sought) {
        if ((sought.name.empty() || is(tag.name, sought.name)) &&
            (sought.xmlns.empty() || is(tag.xmlns, sought.xmlns)) &&
            (sought.attribute.empty() || has_attribute(tag, sought.attribute, sought.value)))
            stanza_.found |= bit;
        bit <<= 1;
    }
}

const Imposed *Parser::imposed_on(const xmlChar *element) const
{
    const Imposed &imposed = rules_->imposed;
    return !imposed.value.empty() && as_text(element) == imposed.element ? &imposed : nullptr;
}

// The field of a packet that an attribute is; null for one of the others.
jabberd_view jabberd_packet::*Parser::field_of(const Value &value) const
{
    if (value.prefix != nullptr)
        return value.xmlns == words_.xml && as_text(value.name) == "lang" ? &jabberd_packet::lang : nullptr;
    for (std::size_t i = 0; i < packet_fields.size(); ++i) {
        if (value.name == words_.fields[i])
            return packet_fields[i].field;
    }
    return nullptr;
}

void Parser::keep_other(const Value &value)
{
    if (value.prefix == nullptr)
        return void(other_attributes_.push_back({view(as_text(value.name)), view(kept(value))}));
    const std::string_view prefix = as_text(value.prefix);
    if (value.xmlns != words_.xml) {
        const std::string &declared = other_names_.emplace_back(std::string{"xmlns:"}.append(prefix));
        if (std::ranges::find(other_attributes_, std::string_view{declared},
                              [](const auto &a) { return text(a.name); }) == other_attributes_.end())
            other_attributes_.push_back({view(declared), view(as_text(value.xmlns))});
    }
    other_attributes_.push_back(
        {view(other_names_.emplace_back(std::string{prefix}.append(":").append(as_text(value.name)))),
         view(kept(value))});
}

// `came`: how many bytes it had.
void Parser::report_stanza(long long came)
{
    jabberd_packet &packet = stanza_.packet;
    other_attributes_.clear();
    other_names_.clear();
    other_names_.reserve(2 * attributes_.size()); // their addresses stay
    for (const Value &value : attributes_) {
        if (const auto field = field_of(value))
            packet.*field = view(kept(value));
        else
            keep_other(value);
    }
    packet.attributes = other_attributes_.empty() ? nullptr : other_attributes_.data();
    packet.attribute_count = other_attributes_.size();
    if (!body_.text().empty())
        packet.body = view(body_.text());
    if (static_cast<long long>(body_.declarations()) > most_declarations(came, rules_->limits))
        return fail(Fault::GrowsTooMuch);
    stanza_.growth = static_cast<std::uint32_t>(std::max(0LL, static_cast<long long>(body_.text().size()) - came));
    events_->on_stanza(stanza_);
}

} // namespace jabberd::xml
