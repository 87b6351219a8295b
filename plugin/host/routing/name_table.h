// SPDX-License-Identifier: LGPL-2.1-or-later
// A table whose keys are names of hosts, whatever their spelling (base/host_name.h).
#pragma once

#include "base/host_name.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>

namespace jabberd::host {

struct HostNameHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view name) const;
};
struct HostNameEqual {
    using is_transparent = void;
    bool operator()(std::string_view a, std::string_view b) const { return same_host(a, b); }
};

template <typename Value>
using NameTable = std::unordered_map<std::string, Value, HostNameHash, HostNameEqual>;

} // namespace jabberd::host
