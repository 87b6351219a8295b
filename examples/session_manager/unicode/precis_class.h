// SPDX-License-Identifier: LGPL-2.1-or-later
// Which characters a string class of PRECIS allows (RFC 8264 §8), and the bidi rule (RFC 5893 §2).
#pragma once

#include <string>
#include <string_view>

namespace jabberd::session_manager::precis {

// A type of one character for libunistring and for us.
using Text = std::u32string;
using TextView = std::u32string_view;

enum class StringClass {
    Identifier, // letters and digits
    Freeform,   // spaces, symbols and compatibility characters as well
};

// Whether every character is allowed, those that depend on their neighbours where they stand.
bool allows(StringClass string_class, TextView text);

// Whether a text with characters that run from right to left can be read in one way only. True without such.
bool keeps_bidi_rule(TextView text);

// Compatibility composition (NFKC).
Text compatible(TextView text);

} // namespace jabberd::session_manager::precis
