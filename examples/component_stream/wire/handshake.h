// SPDX-License-Identifier: LGPL-2.1-or-later
// XEP-0114 §3: who knows the secret.
#pragma once

#include <string>
#include <string_view>

namespace jabberd::component_stream {

// The text of <handshake/>: SHA-1 of stream id and secret, in lower-case hexadecimal.
std::string handshake_of(std::string_view stream_id, std::string_view secret);

// Takes as long however much of it is right.
bool is_handshake(std::string_view said, std::string_view stream_id, std::string_view secret);

} // namespace jabberd::component_stream
