// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/options.h"

#include "base/address.h"

namespace jabberd::config {

std::string_view Options::real_host(std::string_view name) const
{
    std::string_view real = default_host.empty() || same_host(name, default_host) ? name : default_host;
    for (const Alias &alias : aliases) {
        if (same_host(alias.name, name))
            real = alias.host; // the last of two counts
    }
    return real;
}

} // namespace jabberd::config
