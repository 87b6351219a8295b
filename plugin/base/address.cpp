// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/address.h"

#include "base/ascii.h"

#include <algorithm>

namespace jabberd {

namespace {

Address split_bare(std::string_view bare)
{
    const auto at = bare.find('@');
    if (at == std::string_view::npos)
        return {.user = {}, .host = bare, .resource = {}};
    return {.user = bare.substr(0, at), .host = bare.substr(at + 1), .resource = {}};
}

} // namespace

std::string_view bare_address(std::string_view address)
{
    return address.substr(0, address.find('/'));
}

Address split_address(std::string_view address)
{
    const std::string_view bare = bare_address(address);
    Address parts = split_bare(bare);
    if (bare.size() < address.size())
        parts.resource = address.substr(bare.size() + 1);
    return parts;
}

// Most are the same to the letter, or differ in their resources.
bool same_address(std::string_view a, std::string_view b)
{
    if (a == b)
        return true;
    const std::string_view first = bare_address(a), second = bare_address(b);
    if (a.substr(first.size()) != b.substr(second.size()))
        return false;
    const Address one = split_bare(first), other = split_bare(second);
    return std::ranges::equal(one.user, other.user, {}, ascii_lower, ascii_lower) && same_host(one.host, other.host);
}

} // namespace jabberd
