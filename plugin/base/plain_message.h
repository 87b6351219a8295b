// SPDX-License-Identifier: LGPL-2.1-or-later
// The one message of SASL PLAIN (RFC 4616 §2).
#pragma once

#include <optional>
#include <string_view>

namespace jabberd {

// Borrows from the message.
struct PlainMessage {
    std::string_view identity; // whom the client wants to act for; empty: itself
    std::string_view name;
    std::string_view password;
};

// Nothing when it is none: other than two zeros, or no name, or no password. [any-thread]
std::optional<PlainMessage> split_plain(std::string_view message);

} // namespace jabberd
