// SPDX-License-Identifier: LGPL-2.1-or-later
// XML 1.0 (fourth edition, as the Parser is told to read) and Namespaces in XML 1.0, as far as a single construct goes.
#include "xml/held_back.h"

#include "xml/characters.h"

#include <algorithm>
#include <array>

namespace jabberd::xml {

namespace {

constexpr char32_t last_character = 0x10FFFF;
constexpr char32_t no_character = 0xFFFF;

// More attributes than that are looked at for doubles by libxml2 alone, when the tag is complete.
constexpr std::size_t max_compared = 64;

// How many characters of an attribute's value, from the first, are nothing but text.
std::size_t plain_text(std::string_view value)
{
    const auto end = std::ranges::find_if(value, [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte < 0x20 || byte >= 0x80 || c == '\'' || c == '"' || c == '&' || c == '<';
    });
    return static_cast<std::size_t>(end - value.begin());
}

std::size_t size_of_name(const HeldBack::Where &where)
{
    return where.name.size() + (where.prefix.empty() ? 0 : where.prefix.size() + 1);
}

char byte_of_name(const HeldBack::Where &where, std::size_t index)
{
    if (where.prefix.empty())
        return where.name[index];
    if (index == where.prefix.size())
        return ':';
    return index < where.prefix.size() ? where.prefix[index] : where.name[index - where.prefix.size() - 1];
}

constexpr std::array<std::string_view, 5> entities{"amp", "apos", "gt", "lt", "quot"};
constexpr std::string_view cdata_start = "<![CDATA[";

} // namespace

Fault HeldBack::judge(std::string_view held, long long begins, const Where &where)
{
    if (begins != begin_ || at_ > held.size())
        begin(begins, where.place);
    held_ = held;
    if (at_ == 0)
        brackets_ = where.brackets;
    while (at_ < held_.size() && state_ != State::Complete) {
        if (state_ == State::Value) // most of what is held back
            at_ += plain_text(held_.substr(at_));
        if (at_ == held_.size())
            break;
        const Character character = first_character(held_.substr(at_));
        if (character.size == 0)
            return may_be_cut(held_[at_], where) ? Fault::None : next(no_character, where);
        if (const Fault fault = next(character.code, where); fault != Fault::None)
            return fault;
        at_ += character.size;
    }
    return Fault::None;
}

void HeldBack::begin(long long begins, Place place)
{
    begin_ = begins;
    at_ = 0;
    attributes_.clear();
    switch (place) {
    case Place::Beginning: state_ = State::Beginning; break;
    case Place::BeforeHeader: state_ = State::BeforeHeader; break;
    case Place::BetweenStanzas: state_ = State::BetweenStanzas; break;
    case Place::InStanza: state_ = State::Text; break;
    case Place::InCdata: state_ = State::Cdata; break;
    }
}

Fault HeldBack::to(State state)
{
    state_ = state;
    matched_ = 0;
    return Fault::None;
}

Fault HeldBack::next(char32_t c, const Where &where)
{
    constexpr char32_t byte_order_mark = 0xFEFF;
    switch (state_) {
    case State::Beginning:
        if (at_ == 0 && c == byte_order_mark)
            return Fault::None;
        if (is_space(c))
            return to(State::BeforeHeader); // no declaration may come any more
        return c == '<' ? to(State::FirstMarkup) : Fault::NotWellFormed;
    case State::BeforeHeader:
        if (is_space(c))
            return Fault::None;
        return c == '<' ? to(State::Markup) : Fault::NotWellFormed;
    case State::BetweenStanzas:
        if (is_space(c))
            return Fault::None;
        return c == '<' ? to(State::Markup) : Fault::BadFormat;
    case State::Text: return text(c);
    case State::Cdata: return is_character(c) ? Fault::None : Fault::NotWellFormed;
    case State::FirstMarkup:
    case State::Markup: return markup(c, where);
    case State::Exclamation:
        if (c == '[')
            return state_ = State::CdataStart, matched_ = cdata_start.find('[') + 1, Fault::None;
        // A comment, a document type.
        return c == '-' || c == 'D' ? Fault::RestrictedXml : Fault::NotWellFormed;
    case State::CdataStart:
        if (c != static_cast<unsigned char>(cdata_start[matched_]))
            return Fault::NotWellFormed;
        return ++matched_ == cdata_start.size() ? to(State::Complete) : Fault::None;
    case State::EndName: return end_name(c, where);
    case State::EndSpace:
        if (is_space(c))
            return Fault::None;
        return c == '>' ? to(State::Complete) : Fault::NotWellFormed;
    case State::ElementName:
    case State::InTag:
    case State::AfterValue:
    case State::Slash: return tag(c);
    case State::AttributeName:
    case State::BeforeEquals:
    case State::BeforeValue:
    case State::Value: return attribute(c);
    case State::Reference: return reference(c);
    case State::EntityName: return entity_name(c);
    case State::CharacterNumber:
        if (c == 'x')
            return to(State::Hexadecimal);
        to(State::Decimal);
        return number(c, 10);
    case State::Decimal: return number(c, 10);
    case State::Hexadecimal: return number(c, 16);
    case State::Declaration:
        if (const Fault fault = declaration_.next(c); fault != Fault::None)
            return fault;
        return declaration_.complete() ? to(State::Complete) : Fault::None;
    case State::Complete: break;
    }
    return Fault::None;
}

Fault HeldBack::text(char32_t c)
{
    if (c == '<')
        return to(State::Markup);
    if (c == '&') {
        behind_reference_ = State::Text;
        return to(State::Reference);
    }
    if (!is_character(c) || (c == '>' && brackets_ >= 2))
        return Fault::NotWellFormed;
    brackets_ = c == ']' ? brackets_ + 1 : 0;
    return Fault::None;
}

// Behind a '<'.
Fault HeldBack::markup(char32_t c, const Where &where)
{
    switch (c) {
    case '?':
        // Only the very first one is no processing instruction.
        if (state_ != State::FirstMarkup)
            return Fault::RestrictedXml;
        declaration_.begin();
        return to(State::Declaration);
    case '!': return where.place == Place::InStanza ? to(State::Exclamation) : Fault::RestrictedXml;
    case '/':
        if (where.place != Place::InStanza && where.place != Place::BetweenStanzas)
            return Fault::NotWellFormed;
        return to(State::EndName);
    default: return begin_name(c, State::ElementName);
    }
}

// The name of the element that is open, or nothing.
Fault HeldBack::end_name(char32_t c, const Where &where)
{
    if (matched_ == size_of_name(where)) {
        if (is_space(c))
            return to(State::EndSpace);
        return c == '>' ? to(State::Complete) : Fault::NotWellFormed;
    }
    // Byte by byte, for the names are UTF-8, too.
    for (std::size_t i = 0; i < first_character(held_.substr(at_)).size; ++i, ++matched_) {
        if (matched_ == size_of_name(where) || held_[at_ + i] != byte_of_name(where, matched_))
            return Fault::NotWellFormed;
    }
    return Fault::None;
}

// Whether there is a character that begins with this byte, the first of several, and may stand here.
bool HeldBack::may_be_cut(char first, const Where &where) const
{
    const auto lead = static_cast<unsigned char>(first);
    constexpr unsigned char first_of_four = 0xF0; // no name has a character of four bytes
    constexpr unsigned char first_of_byte_order_mark = 0xEF;
    switch (state_) {
    case State::Text:
    case State::Cdata:
    case State::Value: return true;
    case State::Markup:
    case State::FirstMarkup:
    case State::ElementName:
    case State::InTag:
    case State::AttributeName:
    case State::Reference:
    case State::EntityName: return lead < first_of_four;
    case State::EndName: return matched_ < size_of_name(where) && first == byte_of_name(where, matched_);
    case State::Beginning: return at_ == 0 && lead == first_of_byte_order_mark;
    default: return false;
    }
}

Fault HeldBack::begin_name(char32_t c, State state)
{
    if (!begins_name(c))
        return Fault::NotWellFormed;
    name_at_ = at_;
    part_begins_ = prefixed_ = false;
    return to(state);
}

// A name, with one colon at most, and none at an end of it.
Fault HeldBack::name_goes_on(char32_t c)
{
    if (c == ':') {
        if (prefixed_)
            return Fault::NotWellFormed;
        prefixed_ = part_begins_ = true;
        return Fault::None;
    }
    if (part_begins_ && !begins_name(c))
        return Fault::NotWellFormed;
    part_begins_ = false;
    return Fault::None;
}

Fault HeldBack::tag(char32_t c)
{
    if (state_ == State::Slash)
        return c == '>' ? to(State::Complete) : Fault::NotWellFormed;
    if (state_ == State::ElementName && (c == ':' || continues_name(c)))
        return name_goes_on(c);
    if (state_ == State::ElementName && part_begins_)
        return Fault::NotWellFormed;
    if (is_space(c))
        return to(State::InTag);
    if (c == '>')
        return to(State::Complete);
    if (c == '/')
        return to(State::Slash);
    return state_ == State::InTag ? begin_name(c, State::AttributeName) : Fault::NotWellFormed;
}

Fault HeldBack::attribute(char32_t c)
{
    switch (state_) {
    case State::AttributeName:
        if (c == ':' || continues_name(c))
            return name_goes_on(c);
        if (part_begins_ || !attribute_is_new())
            return Fault::NotWellFormed;
        [[fallthrough]];
    case State::BeforeEquals:
        if (c == '=')
            return to(State::BeforeValue);
        return is_space(c) ? to(State::BeforeEquals) : Fault::NotWellFormed;
    case State::BeforeValue:
        if (c != '\'' && c != '"')
            return is_space(c) ? Fault::None : Fault::NotWellFormed;
        quote_ = c;
        return to(State::Value);
    default: break;
    }
    if (c == quote_)
        return to(State::AfterValue);
    if (c == '&') {
        behind_reference_ = State::Value;
        return to(State::Reference);
    }
    return c != '<' && is_character(c) ? Fault::None : Fault::NotWellFormed;
}

// The same letters twice are the same attribute twice, whatever a prefix will turn out to mean.
bool HeldBack::attribute_is_new()
{
    const Span name{name_at_, at_ - name_at_};
    const std::string_view letters = held_.substr(name.begin, name.size);
    if (std::ranges::any_of(attributes_,
                            [&](const Span &other) { return held_.substr(other.begin, other.size) == letters; }))
        return false;
    if (attributes_.size() < max_compared)
        attributes_.push_back(name);
    return true;
}

// Behind a '&'.
Fault HeldBack::reference(char32_t c)
{
    number_ = 0;
    if (c == '#')
        return to(State::CharacterNumber);
    if (c != ':' && !begins_name(c))
        return Fault::NotWellFormed;
    name_at_ = at_;
    to(State::EntityName);
    return entity_name(c);
}

// A name that becomes none of the five is a reference to an entity of the client's own.
Fault HeldBack::entity_name(char32_t c)
{
    const std::string_view name = held_.substr(name_at_, at_ - name_at_);
    if (c == ';') {
        if (std::ranges::find(entities, name) == entities.end())
            return Fault::RestrictedXml;
        brackets_ = 0;
        return to(behind_reference_);
    }
    if (c != ':' && !continues_name(c))
        return Fault::NotWellFormed;
    const bool hopeful = std::ranges::any_of(entities, [&](std::string_view entity) {
        return entity.size() > name.size() && entity.starts_with(name) &&
               static_cast<unsigned char>(entity[name.size()]) == c;
    });
    return hopeful ? Fault::None : Fault::RestrictedXml;
}

Fault HeldBack::number(char32_t c, unsigned base)
{
    if (c == ';') {
        if (matched_ == 0 || !is_character(number_))
            return Fault::NotWellFormed;
        brackets_ = 0;
        return to(behind_reference_);
    }
    const char32_t letter = lower(c);
    const char32_t digit = c >= '0' && c <= '9' ? c - '0' : letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : 16;
    if (digit >= base)
        return Fault::NotWellFormed;
    ++matched_;
    number_ = number_ * base + digit;
    return number_ <= last_character ? Fault::None : Fault::NotWellFormed;
}

} // namespace jabberd::xml
