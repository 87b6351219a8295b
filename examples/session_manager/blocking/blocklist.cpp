// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/blocking/blocklist.h"

#include "base/address.h"

#include <algorithm>
#include <utility>

namespace jabberd::session_manager {

namespace {

constexpr std::size_t address_frame_bytes = 96; // the string, and its place in the set

} // namespace

std::array<std::string_view, 3> covering(std::string_view address)
{
    return {address, bare_address(address), split_address(address).host};
}

void Blocklist::add(std::string address)
{
    const std::size_t bytes = address_frame_bytes + address.size();
    if (addresses_.insert(std::move(address)).second)
        bytes_ += bytes;
}

void Blocklist::remove(std::string_view address)
{
    const auto found = addresses_.find(address);
    if (found == addresses_.end())
        return;
    bytes_ -= address_frame_bytes + found->size();
    addresses_.erase(found);
}

bool Blocklist::covers(std::string_view address) const
{
    return !empty() && std::ranges::any_of(covering(address), [&](std::string_view item) { return contains(item); });
}

} // namespace jabberd::session_manager
