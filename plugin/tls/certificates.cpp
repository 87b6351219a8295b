// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tls/certificates.h"

#include <algorithm>

namespace jabberd::tls {

const Certificate &Certificates::pick(std::string_view host) const
{
    const auto found = std::ranges::find_if(all_, [&](const Certificate &one) { return one.covers(host); });
    return found == all_.end() ? all_.front() : *found;
}

} // namespace jabberd::tls
