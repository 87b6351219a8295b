// SPDX-License-Identifier: LGPL-2.1-or-later
// The properties of snapshots, tried on the same thousands of cases every time.
#include "fuzz/snapshots.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace jabberd::fuzz {
namespace {

constexpr unsigned snapshots = 20000;

class SnapshotProperty : public testing::Test {
protected:
    Random random_{1};
};

TEST_F(SnapshotProperty, WhatIsFrozenIsThawed)
{
    for (unsigned i = 0; i < snapshots / 4; ++i) {
        const Failure failure = survives_a_snapshot(some_state(random_));
        ASSERT_FALSE(failure) << "case " << i << "\n" << *failure;
    }
}

TEST_F(SnapshotProperty, BrokenSnapshotsAreRefusedOrUnderstood)
{
    for (unsigned i = 0; i < snapshots; ++i) {
        const handover::State state = some_state(random_);
        const auto tokens = std::ranges::count_if(state.connections, [](const auto &c) { return c.tls != nullptr; });
        const Failure failure =
            refused_or_understood(broken_snapshot(snapshot_bytes(state), random_),
                                  state.listeners.size() + state.connections.size(), static_cast<std::size_t>(tokens));
        ASSERT_FALSE(failure) << "case " << i << "\n" << *failure;
    }
}

TEST_F(SnapshotProperty, RandomBytesAreRefused)
{
    for (unsigned i = 0; i < snapshots; ++i) {
        std::string bytes(random_() % 200, '\0');
        for (char &byte : bytes)
            byte = static_cast<char>(random_() % 4 == 0 ? random_() : random_() % 4);
        const Failure failure = refused_or_understood(bytes, random_() % 4, random_() % 4);
        ASSERT_FALSE(failure) << "case " << i << "\n" << *failure;
    }
}

} // namespace
} // namespace jabberd::fuzz
