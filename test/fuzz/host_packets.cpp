// SPDX-License-Identifier: LGPL-2.1-or-later
// libFuzzer: a packet of the session manager. Three lines, for name, attribute and its value; the rest is the body.
#include "fuzz/must_hold.h"

#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    std::string_view rest{reinterpret_cast<const char *>(data), size};
    std::string_view lines[3];
    for (std::string_view &line : lines) {
        line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(line.size() < rest.size() ? line.size() + 1 : rest.size());
    }
    jabberd::fuzz::must_hold(
        jabberd::fuzz::no_session_attribute_reaches_the_client(lines[0], lines[1], lines[2], rest));
    return 0;
}
