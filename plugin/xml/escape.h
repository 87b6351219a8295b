// SPDX-License-Identifier: LGPL-2.1-or-later
// Plain text as XML, for text and attribute values alike.
#pragma once

#include <string>
#include <string_view>

namespace jabberd::xml {

// Appends `plain` with & < > ' " escaped, and with tab, newline and carriage return as character references, so that
// attribute normalisation (XML 1.0 §3.3.3) leaves them as they are.
void append_attribute_value(std::string &out, std::string_view plain);

// Appends `plain` with & < > escaped, and carriage return as a character reference (XML 1.0 §2.11 would make it a
// newline).
void append_text(std::string &out, std::string_view plain);

// Appends ` name='value'`.
void append_attribute(std::string &out, std::string_view name, std::string_view value);

} // namespace jabberd::xml
