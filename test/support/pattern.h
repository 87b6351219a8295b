// SPDX-License-Identifier: LGPL-2.1-or-later
// Holes in expected XML: {name} takes what it finds the first time and must find the same again, {*} matches anything.
// {name:32 hex} matches so many hexadecimal digits, an attribute etc='{*}' any further attributes.
#pragma once

#include "support/element.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace jabberd::test {

using Captures = std::map<std::string, std::string>;

// {xyz*3} becomes xyzxyzxyz: long texts and deep trees, told in short.
std::string expand_repeats(std::string_view text);

enum class Filling { Xml, Plain }; // whether what fills a hole is escaped

// Fills every {name}. Throws std::invalid_argument for a name that was never captured.
std::string fill(std::string_view text, const Captures &captures, Filling filling);

// What differs, in words, or nothing. Holes may stand in attribute values and in text; <x>{*}</x> allows anything
// inside. The captures change only when all matches.
std::optional<std::string> difference(const Element &expected, const Element &actual, Captures &captures);

} // namespace jabberd::test
