// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/random.h"

#include "base/secret.h"

#include <sys/random.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <mutex>

namespace jabberd {

namespace {

// What was fetched and not given out yet: sixteen numbers cost one system call. Of all threads, for a thread_local's
// block would outlive our image, and its first use may find no memory.
struct Supply {
    std::mutex mutex;
    std::array<std::byte, 256> bytes{};
    std::size_t left = 0; // at the end of it
};
constinit Supply supply;

// Up to 256 bytes are never cut short once the pool is initialised; before that, a signal can interrupt the wait
// (getrandom(2)).
void fetch(Supply &into)
{
    while (getrandom(into.bytes.data(), into.bytes.size(), 0) != static_cast<ssize_t>(into.bytes.size())) {
        if (errno != EINTR)
            std::abort(); // without randomness there is no security to go on with
    }
    into.left = into.bytes.size();
}

} // namespace

std::array<std::byte, 16> random_128()
{
    std::array<std::byte, 16> number;
    const std::lock_guard lock{supply.mutex};
    if (supply.left < number.size())
        fetch(supply);
    std::byte *next = supply.bytes.data() + supply.bytes.size() - supply.left;
    std::copy_n(next, number.size(), number.begin());
    wipe(next, number.size()); // what was given out is not found here any more
    supply.left -= number.size();
    return number;
}

std::string random_id()
{
    constexpr char digits[] = "0123456789abcdef";
    std::string id;
    id.reserve(32);
    for (const std::byte b : random_128()) {
        id += digits[std::to_integer<unsigned>(b) >> 4];
        id += digits[std::to_integer<unsigned>(b) & 15];
    }
    return id;
}

} // namespace jabberd
