// SPDX-License-Identifier: LGPL-2.1-or-later
// Text from strangers, made safe for a terminal and for one line of a log.
#pragma once

#include <string>
#include <string_view>

namespace jabberd::host {

// A character, or a byte that is none.
struct Shown {
    std::string_view raw;
    std::string text; // as it is to be shown
    bool is_character;
    bool prints; // it is shown as it is
};

// Takes the first off `text`, which is not empty.
Shown next_shown(std::string_view &text);

// Appends `text` with everything that does not print written out: control and formatting characters (colours, cursor
// movements, right-to-left overrides, line ends) as \u{1b}, bytes that are not UTF-8 as \xff.
void append_printable(std::string &out, std::string_view text);

// The same, of which at most `limit` bytes are appended, ending behind a character or an escape. False: there was more.
bool append_printable(std::string &out, std::string_view text, std::size_t limit);

// At most `limit` bytes of `text`, ending at a character.
std::string_view cut(std::string_view text, std::size_t limit);

// A value for a log line: as it is when it is a plain word, otherwise in quotes, with " and \ escaped. What takes more
// than `limit` bytes between the quotes, all written out, is cut behind a character or an escape, and followed by '…'.
std::string quoted(std::string_view text, std::size_t limit);

} // namespace jabberd::host
