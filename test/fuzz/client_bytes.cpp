// SPDX-License-Identifier: LGPL-2.1-or-later
// libFuzzer: a client's bytes. Header and all; the session properties see what comes after it.
#include "fuzz/must_hold.h"

#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    using namespace jabberd::fuzz;
    const std::string_view stream{reinterpret_cast<const char *>(data), size};
    if (stream.empty())
        return 0;
    Random random{static_cast<unsigned>(size)};
    must_hold(same_events_in_any_chunks(stream, random));
    must_hold(read_by_expat_too(stream));
    const auto header = stream.find("<stream:stream");
    const auto begin = header == std::string_view::npos ? 0 : stream.find('>', header);
    if (begin != std::string_view::npos)
        must_hold(one_pair_of_session_attributes(stream.substr(begin + 1)));
    return 0;
}
