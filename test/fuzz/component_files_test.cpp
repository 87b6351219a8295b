// SPDX-License-Identifier: LGPL-2.1-or-later
// The properties of a component's file, tried on the same files every time.
#include "fuzz/component_files.h"

#include "fuzz/snapshots.h"
#include "host/component/identity.h"

#include <gtest/gtest.h>

namespace jabberd::fuzz {
namespace {

TEST(ComponentFileProperty, IsKnownOrRefusedHoweverItIsDamaged)
{
    Random random{1};
    unsigned known = 0;
    for (unsigned i = 0; i < 20000; ++i) {
        std::string file = some_component_file(random);
        if (std::string why; host::find_identity(std::as_bytes(std::span{file}), why))
            ++known;
        if (random() % 3 != 0)
            file = broken_snapshot(std::move(file), random);
        const Failure failure = known_or_refused(file);
        ASSERT_FALSE(failure) << "case " << i << "\n" << *failure;
    }
    EXPECT_GT(known, 5000u);
}

} // namespace
} // namespace jabberd::fuzz
