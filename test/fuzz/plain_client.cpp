// SPDX-License-Identifier: LGPL-2.1-or-later
// libFuzzer: examples/plain_socket_manager. Bytes of a client, header and all; behind a NUL, a packet of the session
// manager in three lines and a body, as in host_packets.cpp.
#include "fuzz/must_hold.h"
#include "fuzz/plain_properties.h"

#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    using namespace jabberd::fuzz;
    const std::string_view all{reinterpret_cast<const char *>(data), size};
    const auto end = all.find('\0');
    Random random{static_cast<unsigned>(size)};
    must_hold(plain_routes_rightly(all.substr(0, end), random));
    if (end == std::string_view::npos)
        return 0;
    std::string_view rest = all.substr(end + 1);
    std::string_view lines[3];
    for (std::string_view &line : lines) {
        line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(line.size() < rest.size() ? line.size() + 1 : rest.size());
    }
    must_hold(plain_tells_rightly(lines[0], lines[1], lines[2], rest));
    return 0;
}
