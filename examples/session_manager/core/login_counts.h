// SPDX-License-Identifier: LGPL-2.1-or-later
// How logins have ended.
#pragma once

#include "session_manager/sasl/profile.h"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace jabberd::session_manager {

enum class LoginWay { Sasl, Sasl2, IqAuth };

inline constexpr std::array<std::string_view, 3> login_ways{"sasl", "sasl2", "iq-auth"};

inline constexpr std::size_t sasl_failures = static_cast<std::size_t>(SaslFailure::TemporaryAuthFailure) + 1;

// [any-thread]
class LoginCounts {
public:
    void accepted(LoginWay way) { add(way, sasl_failures); }
    void refused(LoginWay way, SaslFailure why) { add(way, static_cast<std::size_t>(why)); }

    // Calls tell(way, result, count) for each: the result is "accepted", or what a failure is called.
    template <typename Tell>
    void for_each(const Tell &tell) const
    {
        for (std::size_t way = 0; way < counts_.size(); ++way) {
            for (std::size_t why = 0; why < sasl_failures; ++why)
                tell(login_ways[way], name_of(static_cast<SaslFailure>(why)), counts_[way][why].load());
            tell(login_ways[way], "accepted", counts_[way][sasl_failures].load());
        }
    }

private:
    void add(LoginWay way, std::size_t result)
    {
        counts_[static_cast<std::size_t>(way)][result].fetch_add(1, std::memory_order_relaxed);
    }

    std::array<std::array<std::atomic<std::uint64_t>, sasl_failures + 1>, login_ways.size()> counts_{};
};

} // namespace jabberd::session_manager
