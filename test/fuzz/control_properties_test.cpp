// SPDX-License-Identifier: LGPL-2.1-or-later
// The properties of the control socket, tried on the same requests every time.
#include "fuzz/control_properties.h"

#include <gtest/gtest.h>

namespace jabberd::fuzz {
namespace {

TEST(ControlProperty, ARequestHasOneAnswerInAnyCut)
{
    Random random{1};
    for (unsigned i = 0; i < 1000; ++i) {
        const Failure failure = one_answer_in_any_cut(some_request(random), random);
        ASSERT_FALSE(failure) << "case " << i << "\n" << *failure;
    }
}

} // namespace
} // namespace jabberd::fuzz
