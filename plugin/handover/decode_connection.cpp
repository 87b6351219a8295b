// SPDX-License-Identifier: LGPL-2.1-or-later
// From the records of one connection to its state, and what must hold within it.
#include "handover/decode.h"

namespace jabberd::handover {

namespace {

constexpr std::uint32_t unknown = 0, bound = 2;                // JABBERD_CONNECTION_SESSION
constexpr std::uint32_t closed = 0, tls_is_next = 2, ends = 3; // JABBERD_CONNECTION_STREAM
constexpr std::uint32_t rfc6120 = 1, xep0388 = 2;              // JABBERD_CONNECTION_EXCHANGE, _OFFERED

ConnectionState::Piece read_piece(std::string_view bytes)
{
    Value value{bytes};
    ConnectionState::Piece piece;
    piece.written = value.u32();
    piece.sfrom = read_text(value.sized_part());
    piece.bytes = value.rest();
    if (piece.written > piece.bytes.size())
        throw Refusal("more of a piece is written than there is");
    return piece;
}

ConnectionState::Asked read_asked(std::string_view bytes)
{
    Value value{bytes};
    ConnectionState::Asked asked;
    asked.kind = value.u32();
    if (asked.kind < JABBERD_ASKED_QUESTION || asked.kind > JABBERD_ASKED_FEATURES)
        throw Refusal("it asked a question of an unknown kind, " + std::to_string(asked.kind));
    const std::uint32_t has_id = value.u32();
    asked.nonce = read_text(value.sized_part());
    const std::string id{read_text(value.rest())};
    if (has_id > 1 || (has_id == 0 && !id.empty()))
        throw Refusal("it is not clear whether the client gave an id to its question");
    if (has_id == 1)
        asked.client_id = id;
    return asked;
}

ConnectionState::Mechanism read_mechanism(std::string_view bytes)
{
    Value value{bytes};
    ConnectionState::Mechanism mechanism;
    mechanism.profile = value.u32();
    if (mechanism.profile < rfc6120 || mechanism.profile > xep0388)
        throw Refusal("a mechanism was offered under an unknown profile, " + std::to_string(mechanism.profile));
    mechanism.name = read_text(value.rest());
    return mechanism;
}

void read_pair(std::string_view bytes, std::uint64_t &in, std::uint64_t &out)
{
    Value value{bytes};
    in = value.u64();
    out = value.u64();
    value.end();
}

// What may come any number of times. False: another tag.
bool read_repeated(ConnectionState &connection, const Record &record)
{
    switch (record.tag) {
    case JABBERD_CONNECTION_QUEUED: connection.queued.push_back(read_piece(record.value)); return true;
    case JABBERD_CONNECTION_HELD: connection.held.emplace_back(read_text(record.value)); return true;
    case JABBERD_CONNECTION_EARLY: connection.early.emplace_back(read_text(record.value)); return true;
    case JABBERD_CONNECTION_ASKED: connection.asked.push_back(read_asked(record.value)); return true;
    case JABBERD_CONNECTION_ASKED_ITSELF: connection.asked_itself.emplace_back(read_text(record.value)); return true;
    case JABBERD_CONNECTION_TRIED: connection.tried.emplace_back(read_text(record.value)); return true;
    case JABBERD_CONNECTION_OFFERED: connection.offered.push_back(read_mechanism(record.value)); return true;
    default: return false;
    }
}

// False: another tag.
bool read_single(ConnectionState &c, const Record &record, Resources &resources)
{
    const std::string_view value = record.value;
    switch (record.tag) {
    case JABBERD_CONNECTION_ADDRESS: c.address = read_text(value); break;
    case JABBERD_CONNECTION_DESCRIPTOR: c.fd = resources.descriptor(value); break;
    case JABBERD_CONNECTION_CLIENT: c.client = read_text(value); break;
    case JABBERD_CONNECTION_TLS: c.tls = resources.token(value); break;
    case JABBERD_CONNECTION_TLS_DIRECT: c.tls_direct = read_truth(value); break;
    case JABBERD_CONNECTION_STREAM: c.stream = read_u32(value, ends); break;
    case JABBERD_CONNECTION_SESSION: c.session = read_u32(value, bound); break;
    case JABBERD_CONNECTION_TO: c.to = read_text(value); break;
    case JABBERD_CONNECTION_ALIAS: c.alias = read_text(value); break;
    case JABBERD_CONNECTION_IDENTITY: c.identity = read_text(value); break;
    case JABBERD_CONNECTION_ENDED: c.ended = read_truth(value); break;
    case JABBERD_CONNECTION_STREAM_ID: c.stream_id = read_text(value); break;
    case JABBERD_CONNECTION_HEADER: c.header = read_text(value); break;
    case JABBERD_CONNECTION_LANG: c.lang = read_text(value); break;
    case JABBERD_CONNECTION_UNFINISHED: c.unfinished = value; break;
    case JABBERD_CONNECTION_UNREAD: c.unread = value; break;
    case JABBERD_CONNECTION_INFO: c.info = read_text(value); break;
    case JABBERD_CONNECTION_EXCHANGE: c.exchange = read_u32(value, xep0388); break;
    case JABBERD_CONNECTION_TRANSLATED: c.translated = read_truth(value); break;
    case JABBERD_CONNECTION_FAILED: c.failed = read_u32(value); break;
    case JABBERD_CONNECTION_MECHANISM: c.mechanism = read_text(value); break;
    case JABBERD_CONNECTION_SINCE: c.since = read_u64(value); break;
    case JABBERD_CONNECTION_LAST_READ: c.last_read = read_u64(value); break;
    case JABBERD_CONNECTION_LAST_WRITE: c.last_write = read_u64(value); break;
    case JABBERD_CONNECTION_GIVE_UP: c.give_up = read_u64(value); break;
    case JABBERD_CONNECTION_ANSWER_BY: c.answer_by = read_u64(value); break;
    case JABBERD_CONNECTION_READ_AGAIN: c.read_again = read_u64(value); break;
    case JABBERD_CONNECTION_FINISH_BY: c.finish_by = read_u64(value); break;
    case JABBERD_CONNECTION_READ_BY: c.read_by = read_u64(value); break;
    case JABBERD_CONNECTION_BYTES: read_pair(value, c.bytes_in, c.bytes_out); break;
    case JABBERD_CONNECTION_STANZAS: read_pair(value, c.stanzas_in, c.stanzas_out); break;
    default: return false;
    }
    return true;
}

void check(const ConnectionState &connection)
{
    if (connection.session != unknown && (connection.identity.empty() || !connection.to))
        throw Refusal("it is logged in, and not said as whom and where");
    if (connection.session == unknown && !connection.identity.empty())
        throw Refusal("it has an identity without being logged in");
    if (connection.session == bound && connection.exchange != 0)
        throw Refusal("it is bound, and still logging in");
    if (connection.stream != closed && connection.stream != ends && !connection.to)
        throw Refusal("its stream is open to nobody");
    if (connection.stream == tls_is_next && connection.tls != nullptr)
        throw Refusal("it has TLS, and is to begin it");
    for (std::size_t i = 1; i < connection.queued.size(); ++i) {
        if (connection.queued[i].written > 0)
            throw Refusal("a piece is begun before the one in front of it is written");
    }
}

} // namespace

ConnectionAddress read_address(std::string_view address)
{
    if (const auto parts = parse_connection_address(address))
        return *parts;
    throw Refusal("its address is not <id>@<host>/<token>");
}

ConnectionState read_connection(std::string_view records, Resources &resources)
{
    ConnectionState connection;
    Once once;
    RecordReader reader{records};
    while (const auto record = reader.next()) {
        if (read_repeated(connection, *record))
            continue;
        if (read_single(connection, *record, resources))
            once.note(record->tag);
        else
            skip_unknown(record->tag);
    }
    once.must_have(JABBERD_CONNECTION_ADDRESS, "address");
    once.must_have(JABBERD_CONNECTION_DESCRIPTOR, "descriptor");
    once.must_have(JABBERD_CONNECTION_CLIENT, "client");
    check(connection);
    return connection;
}

} // namespace jabberd::handover
