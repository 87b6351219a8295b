// SPDX-License-Identifier: LGPL-2.1-or-later
// libFuzzer: the file of a component.
#include "fuzz/component_files.h"
#include "fuzz/must_hold.h"

#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    jabberd::fuzz::must_hold(jabberd::fuzz::known_or_refused({reinterpret_cast<const char *>(data), size}));
    return 0;
}
