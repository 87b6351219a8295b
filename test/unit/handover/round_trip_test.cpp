// SPDX-License-Identifier: LGPL-2.1-or-later
// What is written is read again, and what a later version adds does not stand in the way.
#include "handmade.h"
#include "handover/tables.h"

#include <jabberd/snapshot.h>

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <regex>
#include <set>

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

std::string_view bytes_of(const jabberd_snapshot &snapshot)
{
    return {reinterpret_cast<const char *>(snapshot.records), snapshot.record_bytes};
}

std::filesystem::path file(const char *name)
{
    return std::filesystem::path{std::getenv("SOURCES")} / name; // NOLINT: no thread sets it meanwhile
}

TEST(Snapshot, KeepsEveryField)
{
    int token;
    const State state = full_state(&token);
    const Snapshot snapshot{state};
    EXPECT_EQ(read(snapshot.abi()), state);
}

// Of all that a table has, or the test above has proved nothing of it.
TEST(Snapshot, HasARecordOfEveryField)
{
    int token;
    const Snapshot snapshot{full_state(&token)};
    std::set<std::uint32_t> written;
    const std::function<void(std::string_view)> collect = [&](std::string_view records) {
        RecordReader reader{records};
        while (const auto record = reader.next()) {
            written.insert(record->tag);
            if (record->tag == JABBERD_SNAPSHOT_LISTENER || record->tag == JABBERD_SNAPSHOT_PROXIED ||
                record->tag == JABBERD_SNAPSHOT_CONNECTION)
                collect(record->value);
        }
    };
    collect(bytes_of(snapshot.abi()));
    const auto expect = [&](const auto &fields) {
        for (const auto &field : fields)
            EXPECT_TRUE(written.contains(field.tag)) << field.name;
    };
    expect(state_fields());
    expect(listener_fields());
    expect(proxied_fields());
    expect(connection_fields());
}

// The header is the contract: no record of it is without a row.
TEST(Snapshot, HasARowForEveryRecordOfItsHeader)
{
    std::set<std::uint32_t> rows{JABBERD_SNAPSHOT_BEGIN, JABBERD_SNAPSHOT_END};
    const auto add = [&](const auto &fields) {
        for (const auto &field : fields)
            EXPECT_TRUE(rows.insert(field.tag).second) << field.name;
    };
    add(state_fields());
    add(listener_fields());
    add(proxied_fields());
    add(connection_fields());
    std::ifstream header{file("include/jabberd/snapshot.h")};
    const std::regex definition{"#define (JABBERD_(?:SNAPSHOT|LISTENER|PROXIED|CONNECTION)_\\w+) +0x([0-9A-F]{8})u.*"};
    std::size_t defined = 0;
    for (std::string line; std::getline(header, line);) {
        std::smatch match;
        if (!std::regex_match(line, match, definition))
            continue;
        ++defined;
        EXPECT_TRUE(rows.contains(static_cast<std::uint32_t>(std::stoul(match[2], nullptr, 16)))) << match[1];
    }
    EXPECT_GT(defined, 40u);
}

// A process that runs an earlier build hands its clients over to this one, and takes them back when this one fails.
TEST(Snapshot, IsVersionOneByteForByte)
{
    std::string frozen;
    std::ifstream hex{file("test/unit/handover/fixtures/version_1.hex")};
    ASSERT_TRUE(hex);
    for (char digits[3] = {}; hex >> digits[0] >> digits[1];)
        frozen += static_cast<char>(std::stoul(digits, nullptr, 16));
    int token;
    State state = full_state(&token);
    // Several session managers are later, and proxies.
    state.connections.front().own_name.clear();
    state.full_names.clear();
    state.answering.clear();
    state.connections.front().handle = state.connections.front().wants_end = false;
    state.connections.front().relayed.clear();
    state.listeners.back().proxied = false;
    state.proxied.clear();
    // Stream management, too.
    state.connections.resize(2);
    state.connections.front().wishes.clear();
    state.not_resumed.clear();
    // And WebSockets.
    ConnectionState &connection = state.connections.front();
    connection.websocket = 0;
    connection.request.clear();
    connection.frame.clear();
    connection.control.clear();
    connection.frame_taken = connection.message_bytes = 0;
    connection.message_begun = connection.message_done = false;
    EXPECT_EQ(bytes_of(Snapshot{state}.abi()), frozen);
    const auto result = read_bytes(frozen, {3, 4, 12, 13}, {&token});
    ASSERT_TRUE(std::holds_alternative<State>(result)) << std::get<std::string>(result);
    EXPECT_EQ(std::get<State>(result), state);
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
    EXPECT_EQ(std::vector(abi.descriptors, abi.descriptors + abi.descriptor_count), (std::vector{3, 4, 8, 12, 13, 14}));
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
