// SPDX-License-Identifier: LGPL-2.1-or-later
// The address of a connection, <id>@<host>/<token>: made and read here, and nowhere else.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace jabberd {

// The token is `number` in lower-case hexadecimal, and behind a '-' the epoch: what tells the addresses of this process
// from those of all that ran before it, for sessions at a session manager elsewhere outlive it. No epoch: the address
// was given by a version that knew none.
struct ConnectionAddress {
    std::uint32_t id;
    std::string_view host;
    std::uint32_t number;
    std::string_view epoch;
};

std::string to_string(const ConnectionAddress &address);

// Only as it would be written here: were 07 the same as 7, two texts would be one address. Borrows from `text`.
std::optional<ConnectionAddress> parse_connection_address(std::string_view text);

// Another one each time: 64 bits from the kernel.
std::string new_epoch();

// Of 1 to 32 lower-case letters and digits: a token is at most 41 characters, all of which every host takes.
bool is_epoch(std::string_view text);

} // namespace jabberd
