// SPDX-License-Identifier: LGPL-2.1-or-later
// libFuzzer: what a client of the metrics listener sends.
#include "fuzz/must_hold.h"
#include "fuzz/scrape_requests.h"

#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    using namespace jabberd::fuzz;
    const std::string_view bytes{reinterpret_cast<const char *>(data), size};
    must_hold(judged_at_its_end(bytes));
    must_hold(answered_in_words_of_ours(bytes));
    return 0;
}
