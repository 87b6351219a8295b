// SPDX-License-Identifier: LGPL-2.1-or-later
// Streams that nearly make sense: what a grammar writes, and what a grammar writes with something in it that does not
// belong there.
#pragma once

#include "fuzz/properties.h"

#include <string>

namespace jabberd::fuzz {

std::string some_declaration(Random &random);         // of XML, or none
std::string some_stanzas(Random &random);             // well-formed, a few of them
std::string broken(std::string text, Random &random); // cut, doubled, or with a hazard put in

std::string some_name(Random &random);       // of an element or attribute; now and then with a prefix
std::string some_plain_text(Random &random); // not escaped
std::string some_children(Random &random);

} // namespace jabberd::fuzz
