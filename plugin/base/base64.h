// SPDX-License-Identifier: LGPL-2.1-or-later
// Base64 as SASL and channel bindings use it (RFC 4648 §4).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace jabberd {

std::string base64_encode(std::string_view bytes);

// Each value has one spelling: padded, no white space, no bits that mean nothing. Nothing for any other text. The
// result may be a secret: no copy of it stays behind.
std::optional<std::string> base64_decode(std::string_view text);

} // namespace jabberd
