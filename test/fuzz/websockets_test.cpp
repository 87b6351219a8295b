// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fuzz/websockets.h"

#include <gtest/gtest.h>

namespace jabberd::fuzz {
namespace {

Failure first_of(const std::string &bytes, Random &random)
{
    for (Failure failure :
         {same_is_heard_in_any_chunks(bytes, random), heard_as_by_the_book(bytes), answered_with_one_answer(bytes),
          any_snapshot_of_a_frame_is_refused_or_read(bytes, random)}) {
        if (failure)
            return failure;
    }
    return {};
}

TEST(WebsocketProperty, AnyChunksOverSuccessorsAreHeardAlike)
{
    Random random{1};
    for (unsigned i = 0; i < 5000; ++i) {
        const Failure failure = first_of(some_websocket(random), random);
        ASSERT_FALSE(failure) << "case " << i << "\n" << *failure;
    }
}

TEST(WebsocketProperty, WhateverComesIsRefusedOrUnderstood)
{
    Random random{2};
    for (unsigned i = 0; i < 20000; ++i) {
        const Failure failure = first_of(broken_websocket(some_websocket(random), random), random);
        ASSERT_FALSE(failure) << "case " << i << "\n" << *failure;
    }
}

} // namespace
} // namespace jabberd::fuzz
