// SPDX-License-Identifier: LGPL-2.1-or-later
// libFuzzer: what connections and other hosts send the session manager, line by line (session_script.h).
#include "fuzz/must_hold.h"
#include "fuzz/session_properties.h"

#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    jabberd::fuzz::must_hold(jabberd::fuzz::sessions_are_kept_apart({reinterpret_cast<const char *>(data), size}));
    return 0;
}
