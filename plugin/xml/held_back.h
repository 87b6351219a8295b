// SPDX-License-Identifier: LGPL-2.1-or-later
// What libxml2 waits to see the end of: whether it can still end well.
#pragma once

#include "xml/declaration_prefix.h"
#include "xml/stanza.h"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace jabberd::xml {

// libxml2's push parser reads a tag when it has seen a '>', a reference at its ';', a comment at its "-->". What comes
// before that it holds back, also when it is lost already, and with it every stanza that the client sends behind it.
// This reads a construct that is not complete and refuses it at the first character after which nothing would be right.
// It accepts nothing: whatever it lets pass libxml2 reads, and judges for itself.
class HeldBack {
public:
    enum class Place : std::uint8_t {
        Beginning,      // not a byte was read
        BeforeHeader,   // behind the XML declaration
        BetweenStanzas, // inside the stream
        InStanza,
        InCdata,
    };
    struct Where {
        Place place;
        std::string_view prefix, name; // of the innermost open element
        unsigned brackets;             // "]"s that the text before it ends with, up to two
    };

    // `held`: all that is held back, UTF-8, its last character perhaps cut. `begin`: where in the stream that begins;
    // what was judged of the same construct before is not read again.
    Fault judge(std::string_view held, long long begin, const Where &where);

private:
    enum class State : std::uint8_t {
        Beginning,
        BeforeHeader,
        BetweenStanzas,
        Text,
        Cdata,
        FirstMarkup, // < as the first character of all
        Markup,      // <
        Exclamation, // <!
        CdataStart,  // <![
        EndName,     // </
        EndSpace,    // </a and white space
        ElementName, // <a
        InTag,       // white space in a start tag
        AfterValue,  // <a b='c'
        Slash,       // <a/
        AttributeName,
        BeforeEquals,
        BeforeValue,
        Value,
        Reference,       // &
        EntityName,      // &a
        CharacterNumber, // &#
        Decimal,         // &#1
        Hexadecimal,     // &#x
        Declaration,     // <?
        Complete,        // libxml2's turn
    };
    struct Span {
        std::size_t begin, size;
    };

    void begin(long long begin, Place place);
    Fault next(char32_t c, const Where &where);
    Fault to(State state);
    bool may_be_cut(char first, const Where &where) const;
    Fault begin_name(char32_t c, State state);
    Fault name_goes_on(char32_t c);
    Fault text(char32_t c);
    Fault markup(char32_t c, const Where &where);
    Fault end_name(char32_t c, const Where &where);
    Fault tag(char32_t c);
    Fault attribute(char32_t c);
    bool attribute_is_new();
    Fault reference(char32_t c);
    Fault entity_name(char32_t c);
    Fault number(char32_t c, unsigned base);

    long long begin_ = -1;
    std::string_view held_; // during judge()
    std::size_t at_ = 0;    // of held_; everything before it is judged
    std::size_t name_at_ = 0;
    std::size_t matched_ = 0; // of a word that must come
    std::vector<Span> attributes_;
    DeclarationPrefix declaration_;
    State state_ = State::Complete;
    State behind_reference_ = State::Text;
    char32_t quote_ = 0;
    char32_t number_ = 0;
    unsigned brackets_ = 0;
    bool part_begins_ = false; // of a name: its first character, or the one behind the colon
    bool prefixed_ = false;
};

} // namespace jabberd::xml
