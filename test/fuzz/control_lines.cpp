// SPDX-License-Identifier: LGPL-2.1-or-later
// libFuzzer: what a client of the control socket sends.
#include "fuzz/control_properties.h"
#include "fuzz/must_hold.h"

#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    jabberd::fuzz::Random random{static_cast<unsigned>(size)};
    jabberd::fuzz::must_hold(
        jabberd::fuzz::one_answer_in_any_cut({reinterpret_cast<const char *>(data), size}, random));
    return 0;
}
