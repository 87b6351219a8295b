// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/address.h"

#include <algorithm>

namespace jabberd {

namespace {

char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

} // namespace

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

bool same_host(std::string_view a, std::string_view b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

bool same_address(std::string_view a, std::string_view b)
{
    const std::string_view bare = bare_address(a);
    return same_host(bare, bare_address(b)) && a.substr(bare.size()) == b.substr(bare.size());
}

} // namespace jabberd
