// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/random.h"

#include <sys/random.h>

#include <cerrno>
#include <cstdlib>

namespace jabberd {

std::array<std::byte, 16> random_128()
{
    std::array<std::byte, 16> bytes;
    // Up to 256 bytes are never cut short once the pool is initialised; before that, a signal can interrupt the wait
    // (getrandom(2)).
    while (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
        if (errno != EINTR)
            std::abort(); // without randomness there is no security to go on with
    }
    return bytes;
}

std::string random_id()
{
    constexpr char digits[] = "0123456789abcdef";
    std::string id;
    for (const std::byte b : random_128()) {
        id += digits[std::to_integer<unsigned>(b) >> 4];
        id += digits[std::to_integer<unsigned>(b) & 15];
    }
    return id;
}

} // namespace jabberd
