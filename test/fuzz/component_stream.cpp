// SPDX-License-Identifier: LGPL-2.1-or-later
// libFuzzer: what the peer of a component stream sends, header and all.
#include "fuzz/component_streams.h"
#include "fuzz/must_hold.h"

#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    using namespace jabberd::fuzz;
    must_hold(same_component_stream({reinterpret_cast<const char *>(data), size}, static_cast<unsigned>(size)));
    return 0;
}
