// SPDX-License-Identifier: LGPL-2.1-or-later
// libFuzzer: what an operator has accounts import.
#include "fuzz/must_hold.h"
#include "fuzz/portable_files.h"

#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    jabberd::fuzz::Random random{static_cast<unsigned>(size)};
    jabberd::fuzz::must_hold(jabberd::fuzz::same_accounts({reinterpret_cast<const char *>(data), size}, random));
    return 0;
}
