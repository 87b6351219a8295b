// SPDX-License-Identifier: LGPL-2.1-or-later
// What a client asks before there is a session.
#pragma once

#include <jabberd/packet.h>

#include <optional>
#include <string>
#include <string_view>

namespace jabberd::dialect {

// The one child of an iq.
struct Query {
    std::string xmlns, username, resource;

    // Whether it is of a login or a registration.
    bool is_of_login() const;
};

std::optional<Query> query_of(const jabberd_packet &packet);

// Whether a name may be put before the host in the address that a login is for: there it must not become more of the
// address than a name.
bool is_username(std::string_view name);

} // namespace jabberd::dialect
