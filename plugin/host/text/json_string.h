// SPDX-License-Identifier: LGPL-2.1-or-later
// One string of JSON, without the memory that a whole document takes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace jabberd::host {

// `text` in quotes, as RFC 8259 has it. What does not print (append_printable() says what) is escaped as \u001b, and is
// that character again for who reads it. A byte that is not UTF-8 is written out: the reader sees \xff. What takes more
// than `limit` bytes between the quotes is cut behind a character or an escape, and followed by '…'.
std::string json_string(std::string_view text, std::size_t limit);

} // namespace jabberd::host
