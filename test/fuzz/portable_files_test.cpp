// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fuzz/portable_files.h"

#include <gtest/gtest.h>

namespace jabberd::fuzz {
namespace {

TEST(PortableFile, IsTheSameInAnyPiecesAndWhenItIsWritten)
{
    Random random{1};
    std::size_t accounts = 0;
    for (unsigned i = 0; i < 5000; ++i) {
        const std::string file = some_file(random);
        const Failure failure = same_accounts(file, random, &accounts);
        ASSERT_FALSE(failure) << "case " << i << "\n" << file << "\n" << *failure;
    }
    EXPECT_GT(accounts, 1000u) << "most of what is read is none";
}

} // namespace
} // namespace jabberd::fuzz
