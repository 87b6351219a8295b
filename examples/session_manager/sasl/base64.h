// SPDX-License-Identifier: LGPL-2.1-or-later
// Base64 as SASL wants it (RFC 4648 §4, by RFC 6120 §6.4.2).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace jabberd::sessions {

std::string base64_encode(std::string_view bytes);

// Nothing when there is a character too many, white space included, padding is missing, or bits that mean nothing are
// set: each value has one spelling. The result may be a secret.
std::optional<std::string> base64_decode(std::string_view text);

} // namespace jabberd::sessions
