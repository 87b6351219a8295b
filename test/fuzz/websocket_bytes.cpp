// SPDX-License-Identifier: LGPL-2.1-or-later
// libFuzzer: a request of HTTP, and the frames of a WebSocket.
#include "fuzz/must_hold.h"
#include "fuzz/websockets.h"

#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    using namespace jabberd::fuzz;
    const std::string_view bytes{reinterpret_cast<const char *>(data), size};
    Random random{static_cast<unsigned>(size)};
    must_hold(same_is_heard_in_any_chunks(bytes, random));
    must_hold(heard_as_by_the_book(bytes));
    must_hold(answered_with_one_answer(bytes));
    must_hold(any_snapshot_of_a_frame_is_refused_or_read(bytes, random));
    return 0;
}
