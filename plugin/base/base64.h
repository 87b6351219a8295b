// SPDX-License-Identifier: LGPL-2.1-or-later
// Base64 as SASL and channel bindings use it (RFC 4648 §4).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace jabberd {

std::string base64(std::string_view bytes);

// Strict: padded, no white space, nothing behind the padding. Nothing when it is not base64.
std::optional<std::string> from_base64(std::string_view text);

} // namespace jabberd
