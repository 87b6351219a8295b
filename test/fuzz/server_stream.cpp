// SPDX-License-Identifier: LGPL-2.1-or-later
// libFuzzer: what a server that we are in front of sends, header and all.
#include "fuzz/must_hold.h"
#include "fuzz/server_streams.h"

#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    using namespace jabberd::fuzz;
    must_hold(same_server_stream({reinterpret_cast<const char *>(data), size}, static_cast<unsigned>(size)));
    return 0;
}
