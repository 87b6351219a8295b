// SPDX-License-Identifier: LGPL-2.1-or-later
// The beginning of an XML declaration: whether it can still become one.
#pragma once

#include "xml/stanza.h"

#include <cstddef>
#include <cstdint>
#include <string>

namespace jabberd::xml {

// <?xml version='1.0' encoding='UTF-8' standalone='yes'?>, and nothing else that begins with "<?". Given one character
// after the other, it refuses the first one after which no continuation is a declaration that we take.
class DeclarationPrefix {
public:
    // Behind "<?".
    void begin() { *this = {}; }

    Fault next(char32_t c);

    bool complete() const { return state_ == State::Complete; }

private:
    enum class State : std::uint8_t {
        Target, // the letters of "xml"
        Space,
        Name,
        Equals,
        Quote,
        Value,
        AfterValue,
        End, // the '?'
        Complete,
    };

    Fault to(State state);
    Fault value(char32_t c);

    State state_ = State::Target;
    std::uint8_t item_ = 0;   // which of version, encoding and standalone
    std::size_t matched_ = 0; // of a word that must come
    char32_t quote_ = 0;
    std::string value_; // what was read of it, in lower case
};

} // namespace jabberd::xml
