// SPDX-License-Identifier: LGPL-2.1-or-later
// The client's half of SCRAM-SHA-1 (RFC 5802), which the server's account is asked for by.
#pragma once

#include <string>
#include <string_view>

namespace jabberd::bench {

// Both as they are before base64. The nonce is the same for all: the server's half makes it another one each time.
std::string scram_first(const std::string &user);

// The answer to the server's challenge. A salt that has come before costs no hash: it is the server that is measured.
// Throws std::runtime_error when the challenge is none.
std::string scram_final(const std::string &user, const std::string &password, std::string_view challenge);

} // namespace jabberd::bench
