// SPDX-License-Identifier: LGPL-2.1-or-later
// What is written is read again, and what a later version adds does not stand in the way.
#include "handmade.h"

#include <gtest/gtest.h>

namespace jabberd::handover {
namespace {

State read(const jabberd_snapshot &snapshot)
{
    auto result = read_snapshot(snapshot);
    if (const std::string *reason = std::get_if<std::string>(&result)) {
        ADD_FAILURE() << *reason;
        return {};
    }
    return std::get<State>(std::move(result));
}

TEST(Snapshot, KeepsEveryField)
{
    int token;
    const State state = full_state(&token);
    const Snapshot snapshot{state};
    EXPECT_EQ(read(snapshot.abi()), state);
}

TEST(Snapshot, KeepsWhatHasNoConnection)
{
    State state;
    state.host = "c2s";
    EXPECT_EQ(read(Snapshot{state}.abi()), state);
}

TEST(Snapshot, TellsAnEmptyHostFromNone)
{
    State state;
    state.host = "c2s";
    ConnectionState connection;
    connection.address = "0@c2s/0";
    connection.fd = 3;
    connection.client = "x";
    state.connections.push_back(connection);
    connection.address = "1@c2s/0";
    connection.fd = 4;
    connection.to = "";
    state.connections.push_back(connection);
    EXPECT_EQ(read(Snapshot{state}.abi()), state);
}

TEST(Snapshot, NamesDescriptorsAndTokensByIndex)
{
    int token;
    const State state = full_state(&token);
    const Snapshot snapshot{state};
    const jabberd_snapshot &abi = snapshot.abi();
    EXPECT_EQ(std::vector(abi.descriptors, abi.descriptors + abi.descriptor_count), (std::vector{3, 4, 12, 13}));
    ASSERT_EQ(abi.token_count, 1u);
    EXPECT_EQ(abi.tokens[0], &token);
}

TEST(Snapshot, IsReadInAnyOrder)
{
    const auto result = read_bytes(sequence({connection(), next_token(), host()}), {5});
    ASSERT_TRUE(std::holds_alternative<State>(result)) << std::get<std::string>(result);
    EXPECT_EQ(std::get<State>(result).connections.at(0).address, "7@c2s/1f");
}

// Of a version that knew no epochs; and what such connections become in one that does.
TEST(Snapshot, KeepsAddressesWithoutAnEpochBesideThoseWithOne)
{
    const auto old = read_bytes(sequence({host(), next_token(), connection()}), {5});
    ASSERT_TRUE(std::holds_alternative<State>(old)) << std::get<std::string>(old);
    EXPECT_EQ(std::get<State>(old).epoch, "");
    const auto both = read_bytes(
        sequence({host(), next_token(), epoch(), connection(), connection("", "7@c2s/2-c0ffee", 1)}), {5, 6});
    ASSERT_TRUE(std::holds_alternative<State>(both)) << std::get<std::string>(both);
    EXPECT_EQ(std::get<State>(both).epoch, "c0ffee");
}

// A version that knows no epochs refuses them, or it would give addresses for the second time.
TEST(Snapshot, SaysThatItsEpochMustNotBeSkipped)
{
    EXPECT_NE(JABBERD_SNAPSHOT_EPOCH & JABBERD_SNAPSHOT_CRITICAL, 0u);
}

TEST(Snapshot, SkipsUnknownRecordsThatAreNotCritical)
{
    const std::string unknown = record(0x7FFFFFFF, "what a later version knows");
    const std::string listener =
        record(JABBERD_SNAPSHOT_LISTENER,
               unknown + record(JABBERD_LISTENER_DESCRIPTOR, u32(0)) + record(JABBERD_LISTENER_CONFIGURED, "[::]:0"));
    const auto result =
        read_bytes(sequence({unknown, host(), next_token(), listener, connection(unknown, "7@c2s/1f", 1)}), {4, 5});
    ASSERT_TRUE(std::holds_alternative<State>(result)) << std::get<std::string>(result);
    EXPECT_EQ(std::get<State>(result).listeners.size(), 1u);
    EXPECT_EQ(std::get<State>(result).connections.size(), 1u);
}

TEST(Snapshot, WipesAStateOfWhatWasSaid)
{
    int token;
    State state = full_state(&token);
    const char *said = state.connections[0].held[0].data();
    wipe(state);
    EXPECT_EQ(said[1], '\0');
    EXPECT_EQ(state.connections[0].unfinished, "");
    EXPECT_EQ(state.connections[0].address, "7@c2s/1f-c0ffee");
}

} // namespace
} // namespace jabberd::handover
