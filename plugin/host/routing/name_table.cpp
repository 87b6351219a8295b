// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/routing/name_table.h"

#include <cstdint>
#include <optional>

namespace jabberd::host {

std::size_t HostNameHash::operator()(std::string_view name) const
{
    std::optional<std::string> ascii;
    if (has_other_spellings(name) && (ascii = host_in_ascii(name)))
        name = *ascii;
    // FNV-1a over the lower-cased name. Names come from the operator's configuration, or from a peer that the operator
    // trusts, so no client can attack the hash.
    std::uint64_t hash = 14695981039346656037u;
    for (const char c : name) {
        const bool is_upper = c >= 'A' && c <= 'Z';
        hash ^= static_cast<unsigned char>(is_upper ? c | 0x20 : c);
        hash *= 1099511628211u;
    }
    return static_cast<std::size_t>(hash);
}

} // namespace jabberd::host
