// SPDX-License-Identifier: LGPL-2.1-or-later
// The passwords of all tests, and that they are in no log.
#pragma once

#include <gtest/gtest.h>

#include <string_view>

namespace jabberd::test {

inline constexpr std::string_view usual_password = "secret";

// In each way that a client may have written it: as it is, in base64 alone and behind a short name (SASL PLAIN), in
// hexadecimal.
inline constexpr std::string_view ways_to_write_it[] = {usual_password, "c2VjcmV0", "NlY3JldA", "zZWNyZX",
                                                        "736563726574"};

inline void expect_no_password_in(std::string_view log)
{
    for (const std::string_view password : ways_to_write_it) {
        const auto at = log.find(password);
        EXPECT_EQ(at, std::string_view::npos)
            << "a password is in the log: " << log.substr(at < 200 ? 0 : at - 200, 400);
    }
}

} // namespace jabberd::test
