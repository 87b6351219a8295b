// SPDX-License-Identifier: LGPL-2.1-or-later
// Addresses (JIDs) as routing sees them: three borrowed parts, nothing prepared.
#pragma once

#include "base/host_name.h"

#include <string_view>

namespace jabberd {

// user@host/resource (RFC 6120 §1.4, RFC 7622 §3): the resource begins at the first '/', the host after the first '@'
// before it. Absent parts are empty.
struct Address {
    std::string_view user;
    std::string_view host;
    std::string_view resource;

    friend bool operator==(const Address &, const Address &) = default;
};

Address split_address(std::string_view address);

// user@host, or host: the address without its resource. Borrowed from `address`.
std::string_view bare_address(std::string_view address);

// Whether both name one thing: the user without regard to ASCII case, as classic session managers fold it; the host as
// host_name.h has it; the resource to the letter.
bool same_address(std::string_view a, std::string_view b);

} // namespace jabberd
