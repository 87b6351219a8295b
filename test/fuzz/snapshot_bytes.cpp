// SPDX-License-Identifier: LGPL-2.1-or-later
// libFuzzer: a snapshot from a stranger. The first byte says how many descriptors and tokens come with it.
#include "fuzz/must_hold.h"
#include "fuzz/snapshots.h"

#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    if (size == 0)
        return 0;
    const std::string_view bytes{reinterpret_cast<const char *>(data) + 1, size - 1};
    jabberd::fuzz::must_hold(jabberd::fuzz::refused_or_understood(bytes, data[0] & 15, data[0] >> 4));
    return 0;
}
