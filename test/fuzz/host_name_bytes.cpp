// SPDX-License-Identifier: LGPL-2.1-or-later
// libFuzzer: two names of hosts, a line each, as a client's stream header and SNI may bear them.
#include "fuzz/host_names.h"
#include "fuzz/must_hold.h"

#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    using namespace jabberd::fuzz;
    const std::string_view both{reinterpret_cast<const char *>(data), size};
    const auto line = both.find('\n');
    must_hold(
        one_host_by_one_rule(both.substr(0, line), line == std::string_view::npos ? both : both.substr(line + 1)));
    return 0;
}
