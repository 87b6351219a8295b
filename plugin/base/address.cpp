// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/address.h"

#include "base/ascii.h"

#include <algorithm>

namespace jabberd {

std::string_view bare_address(std::string_view address)
{
    return address.substr(0, address.find('/'));
}

Address split_address(std::string_view address)
{
    Address parts;
    const std::string_view bare = bare_address(address);
    if (bare.size() < address.size())
        parts.resource = address.substr(bare.size() + 1);
    const auto at = bare.find('@');
    if (at == std::string_view::npos) {
        parts.host = bare;
    } else {
        parts.user = bare.substr(0, at);
        parts.host = bare.substr(at + 1);
    }
    return parts;
}

bool same_address(std::string_view a, std::string_view b)
{
    const Address one = split_address(a), other = split_address(b);
    return std::ranges::equal(one.user, other.user, {}, ascii_lower, ascii_lower) && same_host(one.host, other.host) &&
           a.substr(bare_address(a).size()) == b.substr(bare_address(b).size());
}

} // namespace jabberd
