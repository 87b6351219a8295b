// SPDX-License-Identifier: LGPL-2.1-or-later
// Unguessable numbers.
#pragma once

#include <array>
#include <cstddef>
#include <string>

namespace jabberd {

// 128 bits from the kernel. (A guessable stream id makes a digest replayable; a guessable nonce forges a login.)
// [any-thread] Several are fetched at once: two processes of which one has forked from the other would give out the
// same ones.
std::array<std::byte, 16> random_128();

// As 32 lower-case hexadecimal digits.
std::string random_id();

} // namespace jabberd
