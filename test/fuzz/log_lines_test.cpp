// SPDX-License-Identifier: LGPL-2.1-or-later
// The properties of log lines, tried on the same text every time.
#include "fuzz/log_lines.h"

#include <gtest/gtest.h>

namespace jabberd::fuzz {
namespace {

TEST(LogProperty, ALineIsOneObjectAndTellsOfNoPersonWhateverIsInIt)
{
    Random random{1};
    for (unsigned i = 0; i < 5000; ++i) {
        const std::string text = some_log_text(random);
        for (const Failure &failure : {is_one_line_of_json(text), tells_of_no_person(text)})
            ASSERT_FALSE(failure) << "case " << i << "\n" << text << "\n" << *failure;
    }
}

} // namespace
} // namespace jabberd::fuzz
