// SPDX-License-Identifier: LGPL-2.1-or-later
// libFuzzer: what a classic host says to a few clients, and what they do, one on each line (dialects.h). The first byte
// says which host it is.
#include "fuzz/dialects.h"
#include "fuzz/must_hold.h"

#include <algorithm>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    using namespace jabberd::fuzz;
    if (size == 0)
        return 0;
    const auto spoken = static_cast<Spoken>(data[0] % 3);
    std::string_view rest{reinterpret_cast<const char *>(data) + 1, size - 1};
    std::vector<std::string> lines;
    while (!rest.empty()) {
        lines.emplace_back(rest.substr(0, rest.find('\n')));
        rest.remove_prefix(std::min(rest.size(), lines.back().size() + 1));
    }
    must_hold(stays_between_connection_and_session(spoken, lines));
    if (!lines.empty())
        must_hold(comes_back_as_it_was(spoken, lines.front()));
    return 0;
}
