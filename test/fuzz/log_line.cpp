// SPDX-License-Identifier: LGPL-2.1-or-later
// libFuzzer: what strangers bring into the log.
#include "fuzz/log_lines.h"
#include "fuzz/must_hold.h"

#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    using namespace jabberd::fuzz;
    const std::string_view bytes{reinterpret_cast<const char *>(data), size};
    must_hold(is_one_line_of_json(bytes));
    must_hold(tells_of_no_person(bytes));
    return 0;
}
