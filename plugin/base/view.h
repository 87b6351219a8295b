// SPDX-License-Identifier: LGPL-2.1-or-later
// Between the ABI's borrowed text and C++'s.
#pragma once

#include <jabberd/abi.h>

#include <string_view>

namespace jabberd {

// Absent and empty both become "".
inline std::string_view text(jabberd_view v)
{
    return v.data == nullptr ? std::string_view{} : std::string_view{v.data, v.size};
}

inline bool present(jabberd_view v)
{
    return v.data != nullptr;
}

// Always present, also for "".
inline jabberd_view view(std::string_view s)
{
    return {s.data() == nullptr ? "" : s.data(), s.size()};
}

} // namespace jabberd
