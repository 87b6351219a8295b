// SPDX-License-Identifier: LGPL-2.1-or-later
// Every way to be wrong, one at a time, and the reason that is given for it.
#include "handmade.h"

#include <gmock/gmock.h>

namespace jabberd::handover {
namespace {

using testing::HasSubstr;

std::string refusal(std::string_view bytes, const std::vector<int> &descriptors = {},
                    const std::vector<void *> &tokens = {})
{
    auto result = read_bytes(bytes, descriptors, tokens);
    return std::holds_alternative<State>(result) ? "read" : std::get<std::string>(result);
}

// Of a snapshot that is right but for these records of its one connection.
std::string refusal_of(std::string_view more)
{
    return refusal(sequence({host(), next_token(), connection(more)}), {5});
}

std::string text(std::uint32_t tag, std::string_view value)
{
    return record(tag, value);
}

TEST(Refusal, OfWhatIsCutAnywhere)
{
    int token;
    const Snapshot snapshot{full_state(&token)};
    const std::string_view whole{reinterpret_cast<const char *>(snapshot.abi().records), snapshot.abi().record_bytes};
    for (std::size_t size = 0; size < whole.size(); ++size)
        EXPECT_NE(refusal(whole.substr(0, size), {3, 4, 8, 12, 13, 14}, {&token}), "read") << size;
    EXPECT_EQ(refusal(whole, {3, 4, 8, 12, 13, 14}, {&token}), "read");
}

TEST(Refusal, OfAnotherBeginningOrEnd)
{
    const std::string end = record(JABBERD_SNAPSHOT_END, u32(3));
    EXPECT_EQ(refusal(""), "it has no beginning");
    EXPECT_EQ(refusal(host() + next_token() + end), "it has no beginning");
    EXPECT_EQ(refusal(record(JABBERD_SNAPSHOT_BEGIN, u32(2)) + host() + next_token() + end),
              "it is of version 2, and this reads version 1");
    EXPECT_EQ(refusal(record(JABBERD_SNAPSHOT_BEGIN, u32(1)) + host() + next_token()), "it has no end");
    EXPECT_EQ(refusal(record(JABBERD_SNAPSHOT_BEGIN, u32(1)) + host() + next_token() + end + " "),
              "something follows its end");
    EXPECT_EQ(refusal(record(JABBERD_SNAPSHOT_BEGIN, u32(1)) + host() + end), "it has 2 records, and its end says 3");
    EXPECT_THAT(refusal(record(JABBERD_SNAPSHOT_BEGIN, u64(1))), HasSubstr("too long"));
}

TEST(Refusal, OfAnUnknownCriticalRecordAtEveryLevel)
{
    const std::string critical = record(0x8000BEEF, "");
    const std::string reason = "the record 0x8000beef is not known here, and must not be skipped";
    EXPECT_EQ(refusal(sequence({host(), next_token(), critical})), reason);
    EXPECT_EQ(refusal(sequence({host(), next_token(), record(JABBERD_SNAPSHOT_LISTENER, critical)})),
              "listener 1: " + reason);
    EXPECT_EQ(refusal(sequence({host(), next_token(), record(JABBERD_SNAPSHOT_PROXIED, critical)})),
              "connection with a PROXY header due 1: " + reason);
    EXPECT_EQ(refusal_of(critical), "connection 1: " + reason);
}

TEST(Refusal, OfALengthBeyondItsRecord)
{
    EXPECT_EQ(refusal_of(u32(JABBERD_CONNECTION_UNREAD) + u32(UINT32_MAX)),
              "connection 1: the record 0x8000020f is longer than what it is in");
    EXPECT_EQ(refusal_of("1234567"), "connection 1: it is cut in the head of a record");
    EXPECT_EQ(refusal(sequence({u32(JABBERD_SNAPSHOT_HOST) + u32(1000)})),
              "the record 0x80000003 is longer than what it is in");
}

TEST(Refusal, OfWhatLacksOrDoublesARecord)
{
    EXPECT_EQ(refusal(sequence({next_token()})), "it has no host");
    EXPECT_EQ(refusal(sequence({host()})), "it has no next token");
    EXPECT_EQ(refusal(sequence({host(), host(), next_token()})), "the host: there are two of it");
    EXPECT_EQ(refusal(sequence({host(), next_token(), record(JABBERD_SNAPSHOT_BEGIN, u32(1))})),
              "the beginning: there are two of it");
    EXPECT_EQ(refusal(sequence({host(), next_token(), record(JABBERD_SNAPSHOT_CONNECTION, "")})),
              "connection 1: it has no address");
    EXPECT_EQ(refusal(sequence(
                  {host(), next_token(),
                   record(JABBERD_SNAPSHOT_CONNECTION, text(JABBERD_CONNECTION_ADDRESS, "7@c2s/1") +
                                                           text(JABBERD_CONNECTION_CLIENT, "192.0.2.7:40210"))})),
              "connection 1: it has no descriptor");
    EXPECT_EQ(
        refusal(sequence({host(), next_token(),
                          record(JABBERD_SNAPSHOT_CONNECTION, text(JABBERD_CONNECTION_ADDRESS, "7@c2s/1") +
                                                                  record(JABBERD_CONNECTION_DESCRIPTOR, u32(0)))}),
                {5}),
        "connection 1: it has no client");
    EXPECT_EQ(refusal_of(text(JABBERD_CONNECTION_ADDRESS, "7@c2s/1f")), "connection 1: there are two of it");
    EXPECT_EQ(refusal(sequence({host(), next_token(), record(JABBERD_SNAPSHOT_LISTENER, "")})),
              "listener 1: it has no descriptor");
    EXPECT_EQ(refusal(sequence({host(), next_token(),
                                record(JABBERD_SNAPSHOT_LISTENER, record(JABBERD_LISTENER_DESCRIPTOR, u32(0)))}),
                      {5}),
              "listener 1: it has no configured address");
}

TEST(Refusal, OfASessionThatCannotBeResumed)
{
    const std::string bound = record(JABBERD_CONNECTION_SESSION, u32(JABBERD_SESSION_BOUND)) +
                              text(JABBERD_CONNECTION_TO, "foo.com") +
                              text(JABBERD_CONNECTION_IDENTITY, "bob@foo.com/r") +
                              record(JABBERD_CONNECTION_STREAM, u32(JABBERD_STREAM_OPEN));
    const std::string managed = record(JABBERD_CONNECTION_MANAGED, u32(1));
    const std::string key = text(JABBERD_CONNECTION_RESUMPTION_KEY, "0123456789abcdef");
    const std::string time = record(JABBERD_CONNECTION_RESUMPTION_TIME, u32(300));
    const std::string resume_by = record(JABBERD_CONNECTION_RESUME_BY, u64(1));
    const auto detached = [](const std::string &more) {
        return refusal(sequence(
            {host(), next_token(),
             record(JABBERD_SNAPSHOT_CONNECTION, text(JABBERD_CONNECTION_ADDRESS, "7@c2s/1f") +
                                                     text(JABBERD_CONNECTION_CLIENT, "192.0.2.7:40210") + more)}));
    };
    EXPECT_EQ(detached(bound + managed + key + time + resume_by), "read");
    EXPECT_EQ(detached(bound), "connection 1: it has no descriptor");
    EXPECT_EQ(detached(bound + managed + key + resume_by), "connection 1: it has no descriptor");
    EXPECT_EQ(detached(bound + managed + key + time), "connection 1: it has no descriptor");
    EXPECT_EQ(detached(bound + managed + key + time + resume_by + record(JABBERD_CONNECTION_TOO_MUCH, u32(1))),
              "connection 1: it has no descriptor");
    EXPECT_EQ(refusal_of(bound + managed + key + time + resume_by),
              "connection 1: it is detached, and has a descriptor");
    EXPECT_EQ(refusal_of(bound + managed + time), "connection 1: the key of its resumption is not of 16 bytes");
    EXPECT_EQ(refusal_of(managed + key), "connection 1: its stream is managed, and it is not bound");
    EXPECT_EQ(refusal_of(bound + record(JABBERD_CONNECTION_UNACKNOWLEDGED, u32(0) + u32(0) + "<iq/>")),
              "connection 1: it has unacknowledged stanzas, and its stream is not managed");
    EXPECT_EQ(refusal(sequence({host(), next_token(), record(JABBERD_SNAPSHOT_NOT_RESUMED, u32(1) + u32(1) + u32(0))})),
              "session that was not resumed 1: the key of its resumption is not of 16 bytes");
}

TEST(Refusal, OfDescriptorsAndTokens)
{
    int token;
    const std::string two = sequence({host(), next_token(), connection(), connection("", "8@c2s/1", 1)});
    EXPECT_EQ(refusal(two, {5, 6}), "read");
    EXPECT_EQ(refusal(two, {5}), "connection 2: there is no descriptor of index 1");
    EXPECT_EQ(refusal(two, {5, 5}), "connection 2: the descriptor 5 is somebody else's, too");
    EXPECT_EQ(refusal(two, {5, -1}), "connection 2: the descriptor of index 1 is none");
    EXPECT_EQ(refusal(two, {5, 6, 7}), "it has descriptors that no record names");
    EXPECT_EQ(refusal(two, {5, 6}, {&token}), "it has tokens that no record names");
    const std::string tls = record(JABBERD_CONNECTION_TLS, u32(0));
    const std::string both = sequence({host(), next_token(), connection(tls), connection(tls, "8@c2s/1", 1)});
    EXPECT_EQ(refusal(both, {5, 6}, {&token}), "connection 2: the token of index 0 is somebody else's, too");
    EXPECT_EQ(refusal(both, {5, 6}), "connection 1: there is no token of index 0");
    EXPECT_EQ(refusal(both, {5, 6}, {nullptr}), "connection 1: the token of index 0 is none");
    EXPECT_EQ(refusal(sequence({host(), next_token(), connection(), connection("", "8@c2s/1", 0)}), {5}),
              "connection 2: the descriptor 5 is somebody else's, too");
}

TEST(Refusal, OfAnAddressThatIsNotOneOfThisHost)
{
    const auto of = [](std::string_view address) {
        return refusal(sequence({host(), next_token(0x20), connection("", address)}), {5});
    };
    for (const char *address :
         {"", "c2s", "7@c2s", "@c2s/1", "7@c2s/", "x@c2s/1", "7@c2s/g", "7@c2s/1F", "07@c2s/1", "-7@c2s/1", "7@c2s/0x1",
          "4294967296@c2s/1", "7@c2s/100000000", "7@c2s/1/2", " 7@c2s/1"})
        EXPECT_EQ(of(address), "connection 1: its address is not <id>@<host>/<token>") << address;
    EXPECT_EQ(of("7@c2x/1"), "connection 1: its address is of another host, 7@c2x/1");
    EXPECT_EQ(of("7@c2s/20"), "connection 1: its address has a token that is still to be given to others, 7@c2s/20");
    EXPECT_EQ(of("7@c2s/1f"), "read");
    EXPECT_EQ(of("7@c2s/1f-c0ffee"), "connection 1: its address is of another epoch, 7@c2s/1f-c0ffee");
    const auto in_epoch = [](std::string_view address) {
        return refusal(sequence({host(), next_token(0x20), epoch(), connection("", address)}), {5});
    };
    EXPECT_EQ(in_epoch("7@c2s/1f-c0ffee"), "read");
    EXPECT_EQ(in_epoch("7@c2s/1f"), "read");
    EXPECT_EQ(in_epoch("7@c2s/1f-decaf"), "connection 1: its address is of another epoch, 7@c2s/1f-decaf");
    EXPECT_EQ(in_epoch("7@c2s/20-c0ffee"),
              "connection 1: its address has a token that is still to be given to others, 7@c2s/20-c0ffee");
    for (const char *bad : {"C0FFEE", "c0-ffee", " ", "012345678901234567890123456789012"})
        EXPECT_EQ(refusal(sequence({host(), next_token(), epoch(bad)})),
                  "the epoch: it is not of 1 to 32 lower-case letters and digits")
            << bad;
    EXPECT_EQ(refusal(sequence({host(), next_token(), connection(), connection("", "7@c2s/1f", 1)}), {5, 6}),
              "connection 2: another one has its address, 7@c2s/1f");
}

TEST(Refusal, OfNumbersOfAnotherSizeOrMeaning)
{
    EXPECT_EQ(refusal_of(record(JABBERD_CONNECTION_STREAM, "\1")), "connection 1: a value is too short");
    EXPECT_EQ(refusal_of(record(JABBERD_CONNECTION_STREAM, u64(1))), "connection 1: a value is too long");
    EXPECT_EQ(refusal_of(record(JABBERD_CONNECTION_SINCE, u32(1))), "connection 1: a value is too short");
    EXPECT_EQ(refusal_of(record(JABBERD_CONNECTION_BYTES, u64(1))), "connection 1: a value is too short");
    EXPECT_EQ(refusal_of(record(JABBERD_CONNECTION_BYTES, u64(1) + u64(2) + "x")), "connection 1: a value is too long");
    EXPECT_EQ(refusal_of(record(JABBERD_CONNECTION_STREAM, u32(4))), "connection 1: there is no 4, 3 is the last");
    EXPECT_EQ(refusal_of(record(JABBERD_CONNECTION_SESSION, u32(3))), "connection 1: there is no 3, 2 is the last");
    EXPECT_EQ(refusal_of(record(JABBERD_CONNECTION_ENDED, u32(2))), "connection 1: there is no 2, 1 is the last");
    EXPECT_EQ(refusal_of(record(JABBERD_CONNECTION_EXCHANGE, u32(3))), "connection 1: there is no 3, 2 is the last");
    EXPECT_EQ(refusal_of(record(JABBERD_CONNECTION_OFFERED, u32(3) + "PLAIN")),
              "connection 1: a mechanism was offered under an unknown profile, 3");
    EXPECT_EQ(refusal_of(record(JABBERD_CONNECTION_ASKED, u32(9) + u32(0) + sized("n"))),
              "connection 1: it asked a question of an unknown kind, 9");
    EXPECT_EQ(refusal_of(record(JABBERD_CONNECTION_ASKED, u32(1) + u32(0) + sized("n") + "id")),
              "connection 1: it is not clear whether the client gave an id to its question");
    EXPECT_EQ(refusal_of(record(JABBERD_CONNECTION_ASKED, u32(1) + u32(1) + u32(9) + "n")),
              "connection 1: a value is too short");
    EXPECT_EQ(refusal(sequence({host(), next_token(), record(JABBERD_SNAPSHOT_COUNTER, "1234567")})),
              "counter 1: a value is too short");
}

TEST(Refusal, OfPiecesThatAreWrittenBeyondTheirEndOrOutOfTurn)
{
    const auto piece = [](std::uint32_t written, std::string_view bytes) {
        return record(JABBERD_CONNECTION_QUEUED, u32(written) + sized("foo.com").append(bytes));
    };
    EXPECT_EQ(refusal_of(piece(4, "<a/>") + piece(0, "<b/>")), "read");
    EXPECT_EQ(refusal_of(piece(5, "<a/>")), "connection 1: more of a piece is written than there is");
    EXPECT_EQ(refusal_of(piece(1, "<a/>") + piece(1, "<b/>")),
              "connection 1: a piece is begun before the one in front of it is written");
}

TEST(Refusal, OfTextThatIsNotUtf8)
{
    using namespace std::string_view_literals;
    for (const std::string_view bad : {"\xFF"sv, "\xC0\xBC"sv, "\xE0\x80\xBC"sv, "\xED\xA0\x80"sv, "\xF4\x90\x80\x80"sv,
                                       "\xC3"sv, "\xE2\x82"sv, "\xF0\x9F\x98"sv, "a\0b"sv, "\x80"sv})
        EXPECT_EQ(refusal_of(text(JABBERD_CONNECTION_LANG, bad)), "connection 1: a text is not UTF-8");
    EXPECT_EQ(refusal_of(text(JABBERD_CONNECTION_LANG, "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\xEF\xBF\xBD")), "read");
    EXPECT_EQ(refusal_of(text(JABBERD_CONNECTION_UNFINISHED, "\xFF\xE2")), "read");
}

TEST(Refusal, OfStatesThatCannotBe)
{
    const std::string to = text(JABBERD_CONNECTION_TO, "foo.com");
    const std::string alice = text(JABBERD_CONNECTION_IDENTITY, "alice@foo.com/r");
    const std::string bound = record(JABBERD_CONNECTION_SESSION, u32(2));
    EXPECT_EQ(refusal_of(bound + to + alice), "read");
    EXPECT_EQ(refusal_of(bound + to), "connection 1: it is logged in, and not said as whom and where");
    EXPECT_EQ(refusal_of(bound + alice), "connection 1: it is logged in, and not said as whom and where");
    EXPECT_EQ(refusal_of(to + alice), "connection 1: it has an identity without being logged in");
    EXPECT_EQ(refusal_of(bound + to + alice + record(JABBERD_CONNECTION_EXCHANGE, u32(1))),
              "connection 1: it is bound, and still logging in");
    EXPECT_EQ(refusal_of(record(JABBERD_CONNECTION_STREAM, u32(1))), "connection 1: its stream is open to nobody");
    int token;
    EXPECT_EQ(refusal(sequence({host(), next_token(),
                                connection(to + record(JABBERD_CONNECTION_STREAM, u32(2)) +
                                           record(JABBERD_CONNECTION_TLS, u32(0)))}),
                      {5}, {&token}),
              "connection 1: it has TLS, and is to begin it");
}

TEST(Refusal, OfAStructThatPromisesWhatIsNotThere)
{
    jabberd_snapshot snapshot{};
    EXPECT_EQ(std::get<std::string>(read_snapshot(snapshot)), "its struct is too small");
    snapshot.size = sizeof snapshot;
    EXPECT_EQ(std::get<std::string>(read_snapshot(snapshot)), "it has no beginning");
    snapshot.record_bytes = 1;
    EXPECT_EQ(std::get<std::string>(read_snapshot(snapshot)), "its struct promises what is not there");
}

} // namespace
} // namespace jabberd::handover
