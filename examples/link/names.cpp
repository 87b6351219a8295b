// SPDX-License-Identifier: LGPL-2.1-or-later
#include "link/names.h"

#include "base/address.h"
#include "base/ascii.h"
#include "base/host_name.h"
#include "base/utf8.h"
#include "base/view.h"
#include "link/frame/frame.h"

#include <algorithm>

namespace jabberd::link {

std::string name_key(std::string_view name)
{
    if (has_other_spellings(name)) {
        if (auto ascii = host_in_ascii(name))
            return *std::move(ascii);
    }
    std::string key{name};
    std::ranges::transform(key, key.begin(), ascii_lower);
    return key;
}

bool is_routable_name(std::string_view name)
{
    if (is_host_name(name))
        return true;
    const auto forbidden = [](char c) {
        return static_cast<unsigned char>(c) <= ' ' || c == 0x7F || c == '@' || c == '/';
    };
    return !name.empty() && name.size() <= max_host_name && is_utf8(name) && std::ranges::none_of(name, forbidden);
}

std::string_view destination(const jabberd_packet &packet)
{
    return split_address(text(present(packet.sto) ? packet.sto : packet.to)).host;
}

} // namespace jabberd::link
