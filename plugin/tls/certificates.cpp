// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tls/certificates.h"

#include <algorithm>

namespace jabberd::tls {

const Certificate *Certificates::find(std::string_view host) const
{
    auto found = std::ranges::find_if(all_, [&](const Certificate &one) { return one.is_also_for(host); });
    if (found == all_.end())
        found = std::ranges::find_if(all_, [&](const Certificate &one) { return one.covers(host); });
    return found == all_.end() ? nullptr : &*found;
}

const Certificate &Certificates::pick(std::string_view host) const
{
    const Certificate *found = find(host);
    return found == nullptr ? all_.front() : *found;
}

} // namespace jabberd::tls
