// SPDX-License-Identifier: LGPL-2.1-or-later
// What must hold of a component stream, whatever its peer sends.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace jabberd::fuzz {

// In either role and every dialect: the same bytes in any chunks, with a swap between any two, are the same stanzas,
// answers and end; no stanza is reported before the handshake. The peer knows the secret where `handshake` stands.
std::optional<std::string> same_component_stream(std::string_view bytes, unsigned seed);

inline constexpr std::string_view handshake_mark = "HANDSHAKE";

} // namespace jabberd::fuzz
