// SPDX-License-Identifier: LGPL-2.1-or-later
// Letters of ASCII, in every locale.
#pragma once

namespace jabberd {

constexpr char ascii_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

} // namespace jabberd
