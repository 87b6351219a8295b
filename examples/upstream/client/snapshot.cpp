// SPDX-License-Identifier: LGPL-2.1-or-later
#include "upstream/client/snapshot.h"

#include "handover/table_io.h"

#include <cstdint>
#include <utility>

namespace jabberd::upstream {

namespace {

using handover::AsTheyCame;
using handover::Descriptor;
using handover::field;
using handover::Field;
using handover::Flag;
using handover::MaybeText;
using handover::Number;
using handover::Presence;
using handover::Refusal;
using handover::repeated;
using handover::Resources;
using handover::Text;
using handover::Token;
using handover::Value;
using handover::Writing;

constexpr std::uint32_t version = 1;
constexpr std::string_view writer_name = "upstream/1";

// All are critical: nothing of a connection can be left out.
enum Tag : std::uint32_t {
    Writer = 0xD5000001u,
    OneClient,
    OneSession,

    Address = 0xD5000101u,
    Host,
    From,
    Lang,
    Identity,
    From_address,
    Tls,
    Plain,
    PhaseNumber,
    Question,
    Nonce,
    Resumed,
    Pending,
    Offered,
    HasStreamManagement,
    Waiting,
    AcksMode,
    Counted,
    Asked,
    ClosedByClient,
    TheLink,

    LinkDescriptor = 0xD5000201u,
    LinkTls,
    LinkHeaderDue,
    LinkEnded,
    LinkPrimer,
    LinkUnfinished,
    LinkUnwritten,
};

constexpr std::uint32_t last_phase = static_cast<std::uint32_t>(Phase::Closing);
constexpr std::uint32_t last_mode = static_cast<std::uint32_t>(Acks::Mode::Ours);

constexpr Field<LinkState> of_link[] = {
    field<&LinkState::fd, Descriptor>(LinkDescriptor, "descriptor", Presence::Required),
    field<&LinkState::tls, Token>(LinkTls, "TLS"),
    field<&LinkState::header_due, Flag>(LinkHeaderDue, "header that is due"),
    field<&LinkState::ended, Flag>(LinkEnded, "end"),
    field<&LinkState::primer, Text>(LinkPrimer, "stream header"),
    field<&LinkState::unfinished, AsTheyCame>(LinkUnfinished, "unfinished element"),
    field<&LinkState::unwritten, AsTheyCame>(LinkUnwritten, "unwritten bytes"),
};

struct LinkRecords {
    static void write(Writing &to, const LinkState &link)
    {
        handover::write_fields(std::span<const Field<LinkState>>{of_link}, to, link);
    }
    static void read(Resources &resources, std::string_view records, LinkState &link)
    {
        handover::read_fields(std::span<const Field<LinkState>>{of_link}, resources, records, link);
    }
};

struct PendingParts {
    static void write(Writing &to, const PendingIq &pending)
    {
        to.records.part(std::uint32_t{pending.binds});
        to.records.sized_part(pending.id);
        to.records.part(std::string_view{pending.session});
    }
    static void read(Resources &, std::string_view bytes, PendingIq &pending)
    {
        Value value{bytes};
        pending.binds = value.u32() != 0;
        pending.id = handover::read_text(value.sized_part());
        pending.session = handover::read_text(value.rest());
    }
};

struct SessionParts {
    static void write(Writing &to, const KnownSession &session)
    {
        to.records.sized_part(session.sm_id);
        to.records.part(std::string_view{session.session});
    }
    static void read(Resources &, std::string_view bytes, KnownSession &session)
    {
        Value value{bytes};
        session.sm_id = handover::read_text(value.sized_part());
        session.session = handover::read_text(value.rest());
    }
};

constexpr Field<ClientState> of_client[] = {
    field<&ClientState::address, Text>(Address, "address", Presence::Required),
    field<&ClientState::host, Text>(Host, "host"),
    field<&ClientState::from, Text>(From, "from"),
    field<&ClientState::lang, Text>(Lang, "language"),
    field<&ClientState::identity, Text>(Identity, "identity"),
    field<&ClientState::client, Text>(From_address, "address of the client"),
    field<&ClientState::tls, Flag>(Tls, "TLS"),
    field<&ClientState::plain, Flag>(Plain, "password in the clear"),
    field<&ClientState::phase, Number<last_phase>>(PhaseNumber, "phase"),
    field<&ClientState::question, Text>(Question, "question"),
    field<&ClientState::nonce, Text>(Nonce, "nonce"),
    field<&ClientState::resumed, Text>(Resumed, "session that is resumed"),
    repeated<&ClientState::pending, PendingParts>(Pending, "pending iq"),
    field<&ClientState::offered, MaybeText>(Offered, "offer"),
    field<&ClientState::has_stream_management, Flag>(HasStreamManagement, "stream management"),
    repeated<&ClientState::waiting, Text>(Waiting, "packet that waits"),
    field<&ClientState::acks_mode, Number<last_mode>>(AcksMode, "mode of acks"),
    handover::pair<&ClientState::delivered, &ClientState::came_back>(Counted, "count"),
    repeated<&ClientState::asked, Number<>>(Asked, "question how far"),
    field<&ClientState::closed_by_client, Flag>(ClosedByClient, "end"),
    repeated<&ClientState::link, LinkRecords>(TheLink, "connection with the server"),
};

struct ClientRecords {
    static void write(Writing &to, const ClientState &client)
    {
        handover::write_fields(std::span<const Field<ClientState>>{of_client}, to, client);
    }
    static void read(Resources &resources, std::string_view records, ClientState &client)
    {
        handover::read_fields(std::span<const Field<ClientState>>{of_client}, resources, records, client);
        if (client.link.size() > 1)
            throw Refusal("a client has two connections with the server");
    }
};

constexpr Field<InstanceState> of_instance[] = {
    field<&InstanceState::writer, Text>(Writer, "writer", Presence::Required),
    repeated<&InstanceState::clients, ClientRecords>(OneClient, "client"),
    repeated<&InstanceState::sessions, SessionParts>(OneSession, "session"),
};

InstanceState read(const jabberd_snapshot &snapshot)
{
    InstanceState state;
    Resources resources{snapshot};
    handover::RecordReader reader{{reinterpret_cast<const char *>(snapshot.records), snapshot.record_bytes}};
    auto record = reader.next();
    if (!record || record->tag != JABBERD_SNAPSHOT_BEGIN || handover::read_u32(record->value) != version)
        throw Refusal("it does not begin as it should");
    handover::FieldReader<InstanceState> fields{of_instance, resources, state};
    std::uint32_t count = 1;
    for (record = reader.next(); record && record->tag != JABBERD_SNAPSHOT_END; record = reader.next(), ++count)
        fields.read(*record);
    if (!record || handover::read_u32(record->value) != count || !reader.at_end())
        throw Refusal("it is cut, or goes on behind its end");
    fields.end();
    if (state.writer != writer_name)
        throw Refusal("it is not of connections with a server");
    resources.must_be_used_up();
    return state;
}

} // namespace

Snapshot::Snapshot(const InstanceState &state)
{
    writer_.u32(JABBERD_SNAPSHOT_BEGIN, version);
    handover::Writing to{writer_, attachments_};
    InstanceState named = state;
    named.writer = writer_name;
    handover::write_fields(std::span<const Field<InstanceState>>{of_instance}, to, named);
    writer_.u32(JABBERD_SNAPSHOT_END, writer_.records());
    abi_ = handover::snapshot_of(writer_, attachments_.descriptors, attachments_.tokens);
}

std::variant<InstanceState, std::string> read_snapshot(const jabberd_snapshot &snapshot)
{
    try {
        return read(snapshot);
    } catch (const Refusal &refusal) {
        return std::string{refusal.what()};
    }
}

} // namespace jabberd::upstream
