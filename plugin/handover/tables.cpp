// SPDX-License-Identifier: LGPL-2.1-or-later
#include "handover/tables.h"

#include "base/connection_address.h"
#include "handover/table_io.h"

#include <jabberd/snapshot.h>

namespace jabberd::handover {

namespace {

using Connection = ConnectionState;

constexpr std::size_t resumption_key_bytes = 16;

// What consists of several parts.

struct PieceParts {
    static void write(Writing &to, const Connection::Piece &piece)
    {
        to.records.part(piece.written);
        to.records.sized_part(piece.sfrom);
        to.records.part(std::string_view{piece.bytes});
    }
    static void read(Resources &, std::string_view bytes, Connection::Piece &piece)
    {
        Value value{bytes};
        piece.written = value.u32();
        piece.sfrom = read_text(value.sized_part());
        piece.bytes = value.rest();
        if (piece.written > piece.bytes.size())
            throw Refusal("more of a piece is written than there is");
    }
};

struct AskedParts {
    static void write(Writing &to, const Connection::Asked &asked)
    {
        to.records.part(asked.kind);
        to.records.part(std::uint32_t{asked.client_id.has_value()});
        to.records.sized_part(asked.nonce);
        to.records.part(std::string_view{asked.client_id ? *asked.client_id : std::string{}});
    }
    static void read(Resources &, std::string_view bytes, Connection::Asked &asked)
    {
        Value value{bytes};
        asked.kind = value.u32();
        if (asked.kind < JABBERD_ASKED_QUESTION || asked.kind > JABBERD_ASKED_RESUME)
            throw Refusal("it asked a question of an unknown kind, " + std::to_string(asked.kind));
        const std::uint32_t has_id = value.u32();
        asked.nonce = read_text(value.sized_part());
        const std::string id = read_text(value.rest());
        if (has_id > 1 || (has_id == 0 && !id.empty()))
            throw Refusal("it is not clear whether the client gave an id to its question");
        if (has_id == 1)
            asked.client_id = id;
    }
};

struct MechanismParts {
    static void write(Writing &to, const Connection::Mechanism &mechanism)
    {
        to.records.part(mechanism.profile);
        to.records.part(std::string_view{mechanism.name});
    }
    static void read(Resources &, std::string_view bytes, Connection::Mechanism &mechanism)
    {
        Value value{bytes};
        mechanism.profile = value.u32();
        if (mechanism.profile < JABBERD_SASL_RFC6120 || mechanism.profile > JABBERD_SASL_XEP0388)
            throw Refusal("a mechanism was offered under an unknown profile, " + std::to_string(mechanism.profile));
        mechanism.name = read_text(value.rest());
    }
};

struct CounterParts {
    static void write(Writing &to, const std::pair<std::string, std::uint64_t> &counter)
    {
        to.records.part(counter.second);
        to.records.part(std::string_view{counter.first});
    }
    static void read(Resources &, std::string_view bytes, std::pair<std::string, std::uint64_t> &counter)
    {
        Value value{bytes};
        counter.second = value.u64();
        counter.first = read_text(value.rest());
    }
};

struct ReturnedParts {
    static void write(Writing &to, const ReturnedState &packet)
    {
        to.records.part(packet.key);
        to.records.part(packet.since);
        to.records.part(packet.count);
    }
    static void read(Resources &, std::string_view bytes, ReturnedState &packet)
    {
        Value value{bytes};
        packet.key = value.u64();
        packet.since = value.u64();
        packet.count = value.u32();
        value.end();
    }
};

struct NotResumedParts {
    static void write(Writing &to, const NotResumedState &session)
    {
        to.records.part(session.id);
        to.records.part(session.number);
        to.records.part(session.handled);
        to.records.part(std::string_view{session.key});
    }
    static void read(Resources &, std::string_view bytes, NotResumedState &session)
    {
        Value value{bytes};
        session.id = value.u32();
        session.number = value.u32();
        session.handled = value.u32();
        session.key = value.rest();
        if (session.key.size() != resumption_key_bytes)
            throw Refusal("the key of its resumption is not of 16 bytes");
    }
};

struct ListenerRecords {
    static void write(Writing &to, const ListenerState &listener) { write_fields(listener_fields(), to, listener); }
    static void read(Resources &resources, std::string_view records, ListenerState &listener)
    {
        read_fields(listener_fields(), resources, records, listener);
    }
};

struct ProxiedRecords {
    static void write(Writing &to, const ProxiedState &proxied) { write_fields(proxied_fields(), to, proxied); }
    static void read(Resources &resources, std::string_view records, ProxiedState &proxied)
    {
        read_fields(proxied_fields(), resources, records, proxied);
    }
};

struct ConnectionRecords {
    static void write(Writing &to, const Connection &connection) { write_fields(connection_fields(), to, connection); }
    static void read(Resources &resources, std::string_view records, Connection &connection)
    {
        read_fields(connection_fields(), resources, records, connection);
        check(connection);
    }

private:
    static void check_management(const Connection &connection)
    {
        const bool bound = connection.session == JABBERD_SESSION_BOUND;
        if (connection.managed && !bound)
            throw Refusal("its stream is managed, and it is not bound");
        if (connection.managed && connection.sm_key.size() != resumption_key_bytes)
            throw Refusal("the key of its resumption is not of 16 bytes");
        if (!connection.inactive && !connection.kept.empty())
            throw Refusal("it has stanzas for later, and is active");
        if (connection.inactive && !bound)
            throw Refusal("it is inactive, and it is not bound");
        if (!connection.managed && !connection.unacknowledged.empty())
            throw Refusal("it has unacknowledged stanzas, and its stream is not managed");
        const bool resumable = connection.managed && connection.sm_seconds != 0 && !connection.sm_too_much;
        if (connection.fd == -1 && (!resumable || connection.tls != nullptr || connection.resume_by == 0))
            throw Refusal("it has no descriptor");
        if (connection.fd != -1 && connection.resume_by != 0)
            throw Refusal("it is detached, and has a descriptor");
    }
    static void check(const Connection &connection)
    {
        const bool known = connection.session != JABBERD_SESSION_UNKNOWN;
        if (known && (connection.identity.empty() || !connection.to))
            throw Refusal("it is logged in, and not said as whom and where");
        if (!known && !connection.identity.empty())
            throw Refusal("it has an identity without being logged in");
        if (connection.session == JABBERD_SESSION_BOUND && connection.exchange != 0)
            throw Refusal("it is bound, and still logging in");
        if (connection.stream != JABBERD_STREAM_HEADER_DUE && connection.stream != JABBERD_STREAM_CLOSING &&
            !connection.to)
            throw Refusal("its stream is open to nobody");
        if (connection.stream == JABBERD_STREAM_TLS_DUE && connection.tls != nullptr)
            throw Refusal("it has TLS, and is to begin it");
        if (connection.websocket == JABBERD_WEBSOCKET_REQUEST &&
            (connection.stream == JABBERD_STREAM_OPEN || connection.stream == JABBERD_STREAM_TLS_DUE))
            throw Refusal("its stream is open, and its WebSocket is not");
        if (connection.websocket != 0 && connection.stream == JABBERD_STREAM_TLS_DUE)
            throw Refusal("it is to begin TLS inside of a WebSocket");
        check_management(connection);
        for (std::size_t i = 1; i < connection.queued.size(); ++i) {
            if (connection.queued[i].written > 0)
                throw Refusal("a piece is begun before the one in front of it is written");
        }
    }
};

// Of the host's addresses; absent in a snapshot of a version that knew none.
struct Epoch : Text {
    static void read(Resources &resources, std::string_view bytes, std::string &value)
    {
        Text::read(resources, bytes, value);
        if (!value.empty() && !is_epoch(value))
            throw Refusal("it is not of 1 to 32 lower-case letters and digits");
    }
};

using enum Presence;

constexpr Field<ListenerState> of_listener[] = {
    field<&ListenerState::fd, Descriptor>(JABBERD_LISTENER_DESCRIPTOR, "descriptor", Required),
    field<&ListenerState::configured, Text>(JABBERD_LISTENER_CONFIGURED, "configured address", Required),
    field<&ListenerState::direct_tls, Flag>(JABBERD_LISTENER_DIRECT_TLS, "direct TLS"),
    field<&ListenerState::proxied, Flag>(JABBERD_LISTENER_PROXIED, "PROXY header"),
};

constexpr Field<ProxiedState> of_proxied[] = {
    field<&ProxiedState::fd, Descriptor>(JABBERD_PROXIED_DESCRIPTOR, "descriptor", Required),
    field<&ProxiedState::peer, Text>(JABBERD_PROXIED_PEER, "proxy", Required),
    field<&ProxiedState::tls_direct, Flag>(JABBERD_PROXIED_TLS_DIRECT, "direct TLS"),
    field<&ProxiedState::header, AsTheyCame>(JABBERD_PROXIED_HEADER, "PROXY header"),
    field<&ProxiedState::give_up, LongNumber>(JABBERD_PROXIED_GIVE_UP, "deadline of the PROXY header"),
};

constexpr Field<Connection> of_connection[] = {
    field<&Connection::address, Text>(JABBERD_CONNECTION_ADDRESS, "address", Required),
    field<&Connection::fd, Descriptor>(JABBERD_CONNECTION_DESCRIPTOR, "descriptor"),
    field<&Connection::client, Text>(JABBERD_CONNECTION_CLIENT, "client", Required),
    field<&Connection::tls, Token>(JABBERD_CONNECTION_TLS, "TLS"),
    field<&Connection::tls_direct, Flag>(JABBERD_CONNECTION_TLS_DIRECT, "direct TLS"),
    field<&Connection::stream, Number<JABBERD_STREAM_CLOSING>>(JABBERD_CONNECTION_STREAM, "stream"),
    field<&Connection::session, Number<JABBERD_SESSION_BOUND>>(JABBERD_CONNECTION_SESSION, "session"),
    field<&Connection::to, MaybeText>(JABBERD_CONNECTION_TO, "host"),
    field<&Connection::alias, Text>(JABBERD_CONNECTION_ALIAS, "alias"),
    field<&Connection::own_name, Text>(JABBERD_CONNECTION_OWN_NAME, "own name of the session manager"),
    field<&Connection::identity, Text>(JABBERD_CONNECTION_IDENTITY, "identity"),
    field<&Connection::ended, Flag>(JABBERD_CONNECTION_ENDED, "end"),
    field<&Connection::stream_id, Text>(JABBERD_CONNECTION_STREAM_ID, "stream id"),
    field<&Connection::header, Text>(JABBERD_CONNECTION_HEADER, "stream header"),
    field<&Connection::lang, Text>(JABBERD_CONNECTION_LANG, "language"),
    secret<&Connection::unfinished>(
        field<&Connection::unfinished, AsTheyCame>(JABBERD_CONNECTION_UNFINISHED, "unfinished element")),
    secret<&Connection::unread>(field<&Connection::unread, AsTheyCame>(JABBERD_CONNECTION_UNREAD, "unread bytes")),
    secret<&Connection::queued>(repeated<&Connection::queued, PieceParts>(JABBERD_CONNECTION_QUEUED, "queued piece")),
    secret<&Connection::held>(repeated<&Connection::held, Text>(JABBERD_CONNECTION_HELD, "held packet")),
    secret<&Connection::early>(repeated<&Connection::early, Text>(JABBERD_CONNECTION_EARLY, "early packet")),
    secret<&Connection::asked>(repeated<&Connection::asked, AskedParts>(JABBERD_CONNECTION_ASKED, "question")),
    repeated<&Connection::asked_itself, Text>(JABBERD_CONNECTION_ASKED_ITSELF, "question to itself"),
    repeated<&Connection::offered, MechanismParts>(JABBERD_CONNECTION_OFFERED, "mechanism"),
    secret<&Connection::info>(field<&Connection::info, Text>(JABBERD_CONNECTION_INFO, "description")),
    field<&Connection::exchange, Number<JABBERD_SASL_XEP0388>>(JABBERD_CONNECTION_EXCHANGE, "exchange"),
    field<&Connection::translated, Flag>(JABBERD_CONNECTION_TRANSLATED, "translation"),
    field<&Connection::failed, Number<>>(JABBERD_CONNECTION_FAILED, "failed logins"),
    field<&Connection::mechanism, Text>(JABBERD_CONNECTION_MECHANISM, "mechanism of the exchange"),
    repeated<&Connection::tried, Text>(JABBERD_CONNECTION_TRIED, "mechanism that has failed"),
    field<&Connection::handle, Flag>(JABBERD_CONNECTION_HANDLE, "handle"),
    field<&Connection::wants_end, Flag>(JABBERD_CONNECTION_WANTS_END, "wish to be told of the end"),
    repeated<&Connection::relayed, Text>(JABBERD_CONNECTION_RELAYED, "relayed namespace"),
    field<&Connection::websocket, Number<JABBERD_WEBSOCKET_OPEN>>(JABBERD_CONNECTION_WEBSOCKET, "WebSocket"),
    secret<&Connection::request>(field<&Connection::request, AsTheyCame>(JABBERD_CONNECTION_REQUEST, "HTTP request")),
    field<&Connection::frame, AsTheyCame>(JABBERD_CONNECTION_FRAME, "header of a frame"),
    field<&Connection::frame_taken, LongNumber>(JABBERD_CONNECTION_FRAME_TAKEN, "part of a frame"),
    secret<&Connection::control>(field<&Connection::control, AsTheyCame>(JABBERD_CONNECTION_CONTROL, "control frame")),
    field<&Connection::message_begun, Flag>(JABBERD_CONNECTION_MESSAGE_BEGUN, "message in fragments"),
    field<&Connection::message_bytes, LongNumber>(JABBERD_CONNECTION_MESSAGE_BYTES, "bytes of a message"),
    field<&Connection::message_done, Flag>(JABBERD_CONNECTION_MESSAGE_DONE, "element of a message"),
    secret<&Connection::wishes>(field<&Connection::wishes, Text>(JABBERD_CONNECTION_WISHES, "wish within the login")),
    field<&Connection::managed, Flag>(JABBERD_CONNECTION_MANAGED, "stream management"),
    secret<&Connection::sm_key>(
        field<&Connection::sm_key, AsTheyCame>(JABBERD_CONNECTION_RESUMPTION_KEY, "key of the resumption")),
    field<&Connection::sm_seconds, Number<>>(JABBERD_CONNECTION_RESUMPTION_TIME, "time of the resumption"),
    field<&Connection::sm_handled, Number<>>(JABBERD_CONNECTION_HANDLED, "number of stanzas handled"),
    field<&Connection::sm_reported, Number<>>(JABBERD_CONNECTION_REPORTED, "number of stanzas reported as handled"),
    field<&Connection::sm_sent, Number<>>(JABBERD_CONNECTION_SENT, "number of stanzas sent"),
    field<&Connection::sm_acknowledged, Number<>>(JABBERD_CONNECTION_ACKNOWLEDGED, "number of stanzas acknowledged"),
    field<&Connection::sm_asked, Flag>(JABBERD_CONNECTION_ACKNOWLEDGEMENT_DUE, "acknowledgement that is due"),
    field<&Connection::sm_too_much, Flag>(JABBERD_CONNECTION_TOO_MUCH, "loss of the resumption"),
    secret<&Connection::unacknowledged>(
        repeated<&Connection::unacknowledged, PieceParts>(JABBERD_CONNECTION_UNACKNOWLEDGED, "unacknowledged stanza")),
    field<&Connection::inactive, Flag>(JABBERD_CONNECTION_INACTIVE, "inactivity"),
    secret<&Connection::kept>(repeated<&Connection::kept, Text>(JABBERD_CONNECTION_KEPT, "stanza for later")),
    field<&Connection::detached_since, LongNumber>(JABBERD_CONNECTION_DETACHED, "loss of the client"),
    field<&Connection::resume_by, LongNumber>(JABBERD_CONNECTION_RESUME_BY, "deadline of the resumption"),
    field<&Connection::since, LongNumber>(JABBERD_CONNECTION_SINCE, "time of its beginning"),
    field<&Connection::last_read, LongNumber>(JABBERD_CONNECTION_LAST_READ, "time of its last read"),
    field<&Connection::last_write, LongNumber>(JABBERD_CONNECTION_LAST_WRITE, "time of its last write"),
    field<&Connection::give_up, LongNumber>(JABBERD_CONNECTION_GIVE_UP, "deadline of its login or end"),
    field<&Connection::answer_by, LongNumber>(JABBERD_CONNECTION_ANSWER_BY, "deadline of the features"),
    field<&Connection::read_again, LongNumber>(JABBERD_CONNECTION_READ_AGAIN, "time of its next read"),
    field<&Connection::finish_by, LongNumber>(JABBERD_CONNECTION_FINISH_BY, "deadline of an element"),
    field<&Connection::read_by, LongNumber>(JABBERD_CONNECTION_READ_BY, "deadline of its reading"),
    pair<&Connection::bytes_in, &Connection::bytes_out>(JABBERD_CONNECTION_BYTES, "bytes"),
    pair<&Connection::stanzas_in, &Connection::stanzas_out>(JABBERD_CONNECTION_STANZAS, "stanzas"),
};

constexpr Field<State> of_state[] = {
    field<&State::writer, Text>(JABBERD_SNAPSHOT_WRITER, "writer"),
    field<&State::host, Text>(JABBERD_SNAPSHOT_HOST, "host", Required),
    field<&State::next_token, Number<>>(JABBERD_SNAPSHOT_NEXT_TOKEN, "next token", Required),
    field<&State::epoch, Epoch>(JABBERD_SNAPSHOT_EPOCH, "epoch"),
    field<&State::full, Flag>(JABBERD_SNAPSHOT_FULL, "congestion"),
    repeated<&State::full_names, Text>(JABBERD_SNAPSHOT_FULL_NAME, "name that is congested"),
    repeated<&State::listeners, ListenerRecords>(JABBERD_SNAPSHOT_LISTENER, "listener"),
    repeated<&State::proxied, ProxiedRecords>(JABBERD_SNAPSHOT_PROXIED, "connection with a PROXY header due"),
    repeated<&State::connections, ConnectionRecords>(JABBERD_SNAPSHOT_CONNECTION, "connection"),
    repeated<&State::counters, CounterParts>(JABBERD_SNAPSHOT_COUNTER, "counter"),
    repeated<&State::returned, ReturnedParts>(JABBERD_SNAPSHOT_RETURNED, "returned packet"),
    repeated<&State::answering, Text>(JABBERD_SNAPSHOT_ANSWERING, "session manager that answers what to offer"),
    repeated<&State::not_resumed, NotResumedParts>(JABBERD_SNAPSHOT_NOT_RESUMED, "session that was not resumed"),
};

} // namespace

std::span<const Field<ListenerState>> listener_fields()
{
    return of_listener;
}

std::span<const Field<ProxiedState>> proxied_fields()
{
    return of_proxied;
}

std::span<const Field<ConnectionState>> connection_fields()
{
    return of_connection;
}

std::span<const Field<State>> state_fields()
{
    return of_state;
}

} // namespace jabberd::handover
