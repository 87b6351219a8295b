// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tls/certificates.h"

#include <algorithm>

namespace jabberd::tls {

const Certificate *find(const std::vector<Certificate> &all, std::string_view host)
{
    auto found = std::ranges::find_if(all, [&](const Certificate &one) { return one.is_also_for(host); });
    if (found == all.end())
        found = std::ranges::find_if(all, [&](const Certificate &one) { return one.covers(host); });
    return found == all.end() ? nullptr : &*found;
}

const Certificate &Certificates::pick(std::string_view host) const
{
    const Certificate *found = find(host);
    return found == nullptr ? all_.front() : *found;
}

} // namespace jabberd::tls
