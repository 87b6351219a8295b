// SPDX-License-Identifier: LGPL-2.1-or-later
// Strict UTF-8: what libxml2 lets pass is not always what another reader takes it for.
#pragma once

#include <cstddef>
#include <string_view>

namespace jabberd {

// In any chunking. RFC 3629 to the letter: no overlong form, no surrogate, nothing beyond U+10FFFF; and no NUL, which
// is in no XML document. So no other encoding can begin unnoticed either: the byte order marks of UTF-16 and UTF-32 and
// the first letters of EBCDIC are not UTF-8.
class Utf8 {
public:
    // How many of the bytes, from the first, may stand where they are. Once it is fewer than there are, the stream is
    // lost.
    std::size_t accept(std::string_view bytes);

    // Whether the last character is complete.
    bool complete() const { return missing_ == 0; }

private:
    unsigned missing_ = 0;        // continuation bytes of the character that is not complete
    unsigned char lowest_ = 0x80; // of the next one
    unsigned char highest_ = 0xBF;
};

inline bool is_utf8(std::string_view text)
{
    Utf8 utf8;
    return utf8.accept(text) == text.size() && utf8.complete();
}

} // namespace jabberd
