// SPDX-License-Identifier: LGPL-2.1-or-later
// libFuzzer: what another process, or what calls itself one, sends over a link.
#include "fuzz/link_properties.h"
#include "fuzz/must_hold.h"

#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    jabberd::fuzz::must_hold(jabberd::fuzz::link_holds({reinterpret_cast<const char *>(data), size}));
    return 0;
}
