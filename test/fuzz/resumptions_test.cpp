// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fuzz/resumptions.h"

#include <gtest/gtest.h>

namespace jabberd::fuzz {
namespace {

std::string shown(std::string_view play)
{
    std::string out;
    for (const char step : play)
        out.append(std::to_string(static_cast<unsigned char>(step))).append(" ");
    return out;
}

TEST(Resumption, LosesAndDoublesNothingWhateverHappens)
{
    Random random{198};
    for (int i = 0; i < 1500; ++i) {
        const std::string play = some_play(random);
        const Failure failure = nothing_is_lost_or_doubled(play);
        ASSERT_FALSE(failure) << *failure << "\nof the play " << shown(play);
    }
}

} // namespace
} // namespace jabberd::fuzz
