// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/utf8.h"

#include <array>
#include <cstdint>
#include <cstring>

namespace jabberd {

namespace {

// Of as many bytes at a time: whether they are ASCII and none of them NUL, which is to say positive.
using Block = signed char __attribute__((vector_size(16)));

bool plain(const char *bytes)
{
    Block block;
    std::memcpy(&block, bytes, sizeof block);
    const auto others = block <= 0;
    std::array<std::uint64_t, 2> halves;
    std::memcpy(halves.data(), &others, sizeof others);
    return (halves[0] | halves[1]) == 0;
}

} // namespace

std::size_t Utf8::accept(std::string_view bytes)
{
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        while (missing_ == 0 && i + sizeof(Block) <= bytes.size() && plain(bytes.data() + i))
            i += sizeof(Block);
        if (i == bytes.size())
            break;
        const auto c = static_cast<unsigned char>(bytes[i]);
        if (missing_ > 0) {
            if (c < lowest_ || c > highest_)
                return i;
            --missing_;
            lowest_ = 0x80;
            highest_ = 0xBF;
            continue;
        }
        if (c != 0 && c < 0x80)
            continue;
        if (c < 0xC2 || c > 0xF4)
            return i;
        missing_ = c < 0xE0 ? 1 : c < 0xF0 ? 2 : 3;
        // The second byte decides about overlong forms, surrogates and the end of Unicode (RFC 3629 §4).
        lowest_ = c == 0xE0 ? 0xA0 : c == 0xF0 ? 0x90 : 0x80;
        highest_ = c == 0xED ? 0x9F : c == 0xF4 ? 0x8F : 0xBF;
    }
    return bytes.size();
}

} // namespace jabberd
