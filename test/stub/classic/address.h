// SPDX-License-Identifier: LGPL-2.1-or-later
// user@server/resource, as the router reads it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace stub {

struct Address {
    std::string user, server, resource; // user and server in lower case

    std::string bare() const { return user.empty() ? server : user + "@" + server; }
    std::string full() const { return resource.empty() ? bare() : bare() + "/" + resource; }
};

// Nothing where jabberd's own reading gives none. `text` may be null.
std::optional<Address> read_address(const char *text);

std::string lower(std::string_view text); // ASCII

} // namespace stub
