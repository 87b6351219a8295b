// SPDX-License-Identifier: LGPL-2.1-or-later
// What must hold of the bytes that a client sends over HTTP and a WebSocket, and bytes to try it with.
#pragma once

#include "fuzz/properties.h"

#include <string>
#include <string_view>

namespace jabberd::fuzz {

// Bytes are a request and then frames, or frames at once where they do not begin with a letter.

// In any chunks, and over successors between them, the same is heard.
Failure same_is_heard_in_any_chunks(std::string_view bytes, Random &random);

// What is heard is what RFC 6455 says, read here frame by frame out of the whole.
Failure heard_as_by_the_book(std::string_view bytes);

// One answer, of the length that it says, with nothing of the request among its header fields.
Failure answered_with_one_answer(std::string_view bytes);

// What a snapshot says of a frame is refused or read on.
Failure any_snapshot_of_a_frame_is_refused_or_read(std::string_view bytes, Random &random);

// A request, or none, and frames; right for the most part.
std::string some_websocket(Random &random);
std::string broken_websocket(std::string bytes, Random &random);

} // namespace jabberd::fuzz
