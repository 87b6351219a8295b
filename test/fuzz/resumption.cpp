// SPDX-License-Identifier: LGPL-2.1-or-later
// libFuzzer: a client that is cut off and comes back, step by step (resumptions.h).
#include "fuzz/must_hold.h"
#include "fuzz/resumptions.h"

#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    jabberd::fuzz::must_hold(jabberd::fuzz::nothing_is_lost_or_doubled({reinterpret_cast<const char *>(data), size}));
    return 0;
}
