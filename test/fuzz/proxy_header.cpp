// SPDX-License-Identifier: LGPL-2.1-or-later
// libFuzzer: what comes first on a port for proxies.
#include "fuzz/must_hold.h"
#include "fuzz/proxy_headers.h"

#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    using namespace jabberd::fuzz;
    const std::string_view bytes{reinterpret_cast<const char *>(data), size};
    Random random{static_cast<unsigned>(size)};
    must_hold(one_header_or_none(bytes));
    must_hold(taken_to_its_last_byte(bytes, random));
    return 0;
}
