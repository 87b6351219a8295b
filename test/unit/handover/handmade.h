// SPDX-License-Identifier: LGPL-2.1-or-later
// Snapshots made by hand, so that they can be wrong; and states that have something in every field.
#pragma once

#include "handover/snapshot.h"

#include <cstring>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace jabberd::handover {

inline std::string u32(std::uint32_t number)
{
    std::string bytes(sizeof number, '\0');
    std::memcpy(bytes.data(), &number, sizeof number);
    return bytes;
}

inline std::string u64(std::uint64_t number)
{
    std::string bytes(sizeof number, '\0');
    std::memcpy(bytes.data(), &number, sizeof number);
    return bytes;
}

inline std::string sized(std::string_view text)
{
    return u32(static_cast<std::uint32_t>(text.size())).append(text);
}

inline std::string record(std::uint32_t tag, std::string_view value)
{
    return u32(tag) + sized(value);
}

// Reads bytes that stand at an odd address and end where their memory ends, beside these descriptors and tokens.
inline std::variant<State, std::string> read_bytes(std::string_view bytes, const std::vector<int> &descriptors = {},
                                                   const std::vector<void *> &tokens = {})
{
    std::vector<unsigned char> odd(bytes.size() + 1);
    std::memcpy(odd.data() + 1, bytes.data(), bytes.size());
    jabberd_snapshot snapshot{};
    snapshot.size = sizeof snapshot;
    snapshot.records = odd.data() + 1;
    snapshot.record_bytes = bytes.size();
    snapshot.descriptors = descriptors.data();
    snapshot.descriptor_count = descriptors.size();
    snapshot.tokens = tokens.data();
    snapshot.token_count = tokens.size();
    return read_snapshot(snapshot);
}

// The records between a right beginning and a right end.
inline std::string sequence(std::initializer_list<std::string> records)
{
    std::string bytes = record(JABBERD_SNAPSHOT_BEGIN, u32(1));
    for (const std::string &one : records)
        bytes += one;
    return bytes + record(JABBERD_SNAPSHOT_END, u32(static_cast<std::uint32_t>(records.size() + 1)));
}

inline std::string host(std::string_view name = "c2s")
{
    return record(JABBERD_SNAPSHOT_HOST, name);
}

inline std::string next_token(std::uint32_t token = 100)
{
    return record(JABBERD_SNAPSHOT_NEXT_TOKEN, u32(token));
}

inline std::string epoch(std::string_view text = "c0ffee")
{
    return record(JABBERD_SNAPSHOT_EPOCH, text);
}

// The least that a connection must have, with more behind it.
inline std::string connection(std::string_view more = "", std::string_view address = "7@c2s/1f",
                              std::uint32_t index = 0)
{
    return record(JABBERD_SNAPSHOT_CONNECTION, record(JABBERD_CONNECTION_ADDRESS, address) +
                                                   record(JABBERD_CONNECTION_DESCRIPTOR, u32(index)) +
                                                   record(JABBERD_CONNECTION_CLIENT, "192.0.2.7:40210").append(more));
}

inline State full_state(void *token)
{
    ConnectionState c;
    c.address = "7@c2s/1f-c0ffee";
    c.fd = 12;
    c.tls = token;
    c.tls_direct = true;
    c.client = "[2001:db8::7]:40210";
    c.stream = 3;
    c.session = 1;
    c.to = "foo.com";
    c.alias = "foo.net";
    c.own_name = "sm1.foo.com";
    c.identity = "alice@foo.com/\xC3\xA9";
    c.ended = true;
    c.stream_id = "5eed";
    c.header = "<stream:stream xmlns='jabber:client' xmlns:x='urn:x'>";
    c.lang = "de";
    c.unfinished = std::string{"<iq \0\xFF", 6};
    c.unread = "</iq>";
    c.queued = {{"<message/>", 3, "foo.com"}, {"</stream:stream>", 0, ""}};
    c.held = {"<presence sto='a' sfrom='b'/>", "<message/>"};
    c.early = {"<iq id='1'/>"};
    c.asked = {{JABBERD_ASKED_LOGIN, "n1", "auth"}, {JABBERD_ASKED_SASL, "n2", {}}, {JABBERD_ASKED_BIND, "n3", ""}};
    c.asked_itself = {"ping", ""};
    c.info = "<connection xmlns='jabber:socket-manager:connection'/>";
    c.exchange = 2;
    c.offered = {{1, "PLAIN"}, {2, "SCRAM-SHA-1"}};
    c.translated = true;
    c.failed = 2;
    c.mechanism = "SCRAM-SHA-256";
    c.wishes = "<enable xmlns='urn:xmpp:sm:3'/>";
    c.tried = {"PLAIN", "SCRAM-SHA-1"};
    c.websocket = JABBERD_WEBSOCKET_OPEN;
    c.request = "GET / HTTP/1.1\r\nCookie: a";
    c.frame = std::string{"\x89\x85\0\xFF", 4};
    c.frame_taken = 2;
    c.control = std::string{"\0\xFF", 2};
    c.message_begun = c.message_done = true;
    c.message_bytes = 1ULL << 33;
    c.since = 1;
    c.last_read = 1ULL << 40;
    c.last_write = 3;
    c.give_up = 4;
    c.handle = true;
    c.wants_end = true;
    c.relayed = {"urn:xmpp:sm:3"};
    c.answer_by = 5;
    c.read_again = 6;
    c.finish_by = 10;
    c.read_by = 11;
    c.bytes_in = 7;
    c.bytes_out = 8;
    c.stanzas_in = 9;
    c.stanzas_out = UINT64_MAX;
    State state;
    state.writer = "socket_manager 0.1";
    state.host = "c2s";
    state.epoch = "c0ffee";
    state.next_token = 0x20;
    state.full = true;
    state.full_names = {"foo.com", "bar.com"};
    state.answering = {"foo.com"};
    state.listeners = {{3, "127.0.0.1:5222", false}, {4, "[::]:0", true, true}};
    state.proxied = {{8, "192.0.2.1:50000", true, std::string{"\r\n\r\n\0\r", 6}, 12}};
    state.connections = {c, {}};
    ConnectionState &least = state.connections.back();
    least.address = "0@c2s/0";
    least.fd = 13;
    least.client = "192.0.2.7:1";
    ConnectionState &detached = state.connections.emplace_back();
    detached.address = "9@c2s/3-c0ffee";
    detached.client = "192.0.2.7:2";
    detached.stream = JABBERD_STREAM_OPEN;
    detached.session = JABBERD_SESSION_BOUND;
    detached.to = "foo.com";
    detached.identity = "bob@foo.com/r";
    detached.managed = true;
    detached.sm_key = std::string{"\0key of 16 bytes", 16};
    detached.sm_seconds = 300;
    detached.sm_handled = UINT32_MAX;
    detached.sm_reported = 13;
    detached.sm_sent = 14;
    detached.sm_acknowledged = 12;
    detached.sm_asked = true;
    detached.unacknowledged = {{"<message/>", 0, "foo.com"}, {"", 0, "foo.com"}, {"<iq/>", 0, "bob@foo.com/r"}};
    detached.detached_since = 15;
    detached.resume_by = 16;
    ConnectionState &overdone = state.connections.emplace_back(detached);
    overdone.address = "10@c2s/4-c0ffee";
    overdone.fd = 14;
    overdone.sm_too_much = true;
    overdone.unacknowledged.clear();
    overdone.inactive = true;
    overdone.kept = {"<presence from='a' sfrom='b'/>"};
    overdone.detached_since = overdone.resume_by = 0;
    state.not_resumed = {{9, 2, UINT32_MAX, std::string{"\xFFkey of 16 bytes", 16}}};
    state.counters = {{"connections_total", 12}, {"logins_total", 0}};
    state.returned = {{1, 2, 3}, {UINT64_MAX, 5, 6}};
    return state;
}

} // namespace jabberd::handover
