// SPDX-License-Identifier: LGPL-2.1-or-later
#include "component_stream/connection/snapshot.h"

#include "base/view.h"
#include "dialect/element.h"
#include "handover/fields.h"
#include "xml/packet_reader.h"
#include "xml/packet_text.h"

#include <utility>

namespace jabberd::component_stream {

namespace {

using handover::RecordWriter;
using handover::Refusal;
using handover::Resources;
using handover::Value;

constexpr std::uint32_t version = 1;
constexpr std::string_view writer_name = "component_stream/1";

// Each begins what may follow it. All are critical: nothing in a stream can be left out.
enum Tag : std::uint32_t {
    Writer = 0xC5000001u, // text
    Listener,             // descriptor, endpoint
    Connection,           // descriptor, endpoint, peer, flags, counts
    StreamIs,             // state, flags, texts
    Name,                 // text
    Claimed,              // text
    PausedBy,             // text
    Bytes,                // of the outbox: written, bytes
    Part,                 // begin, end, packet
    Crossing,             // connection, session, flag
    Route,                // texts, flags, packet
    Tls,                  // token
    Displaced,            // endpoint
};

std::string text_of(const OwnedPacket &packet)
{
    std::string text;
    if (packet)
        xml::append_packet(text, packet.packet());
    return text;
}

OwnedPacket packet_of(std::string_view text)
{
    if (text.empty())
        return {};
    const auto document = dialect::parse_element(text, "");
    if (!document)
        throw Refusal("a packet is none");
    return xml::read_packet(dialect::element_of(*document));
}

class Writing {
public:
    Writing(RecordWriter &records, std::vector<int> &descriptors, std::vector<void *> &tokens)
        : records_(records), descriptors_(descriptors), tokens_(tokens)
    {
    }

    template <typename... Parts>
    void record(Tag tag, const Parts &...parts)
    {
        records_.open(tag);
        (part(parts), ...);
        records_.close();
    }

    std::uint32_t descriptor(int fd)
    {
        descriptors_.push_back(fd);
        return static_cast<std::uint32_t>(descriptors_.size() - 1);
    }

    std::uint32_t token(void *object)
    {
        tokens_.push_back(object);
        return static_cast<std::uint32_t>(tokens_.size() - 1);
    }

private:
    void part(std::uint32_t value) { records_.part(value); }
    void part(std::uint64_t value) { records_.part(value); }
    void part(const std::string &value) { records_.sized_part(value); }

    RecordWriter &records_;
    std::vector<int> &descriptors_;
    std::vector<void *> &tokens_;
};

void write_connection(Writing &to, const ConnectionState &state)
{
    to.record(Connection, to.descriptor(state.fd), std::uint32_t{state.connecting}, state.in, state.out, state.returned,
              static_cast<std::uint64_t>(state.since), state.endpoint, state.peer);
    if (state.tls != nullptr)
        to.record(Tls, to.token(state.tls));
    const Stream::Value &stream = state.stream;
    to.record(StreamIs, static_cast<std::uint32_t>(stream.state), std::uint32_t{stream.root},
              std::uint32_t{stream.header_sent}, stream.id, stream.name, stream.primer, stream.content_namespace,
              stream.unfinished);
    for (const std::string &name : state.names)
        to.record(Name, name);
    for (const std::string &name : state.claimed)
        to.record(Claimed, name);
    for (const std::string &name : state.paused_by)
        to.record(PausedBy, name);
    to.record(Bytes, state.written, state.outbox);
    for (const ConnectionState::Part &part : state.parts)
        to.record(Part, part.begin, part.end, part.packet);
    for (const Crossings::Crossing &crossing : state.crossings)
        to.record(Crossing, std::uint32_t{crossing.connection_is_ours}, crossing.connection, crossing.session);
    for (const auto &known : state.routes)
        to.record(Route, std::uint32_t{known.accepted}, std::uint32_t{known.ended},
                  std::uint32_t{known.session.has_value()}, known.connection, known.nonce, known.wanted,
                  known.session ? known.session->address : std::string{},
                  known.session ? known.session->id : std::string{}, text_of(known.result));
}

int take_descriptor(Resources &resources, Value &value)
{
    const std::uint32_t index = value.u32();
    return resources.descriptor({reinterpret_cast<const char *>(&index), sizeof index});
}

void *take_token(Resources &resources, Value &value)
{
    const std::uint32_t index = value.u32();
    return resources.token({reinterpret_cast<const char *>(&index), sizeof index});
}

bool flag(Value &value)
{
    const std::uint32_t number = value.u32();
    if (number > 1)
        throw Refusal("a flag is neither yes nor no");
    return number == 1;
}

std::string bytes(Value &value)
{
    return std::string{value.sized_part()};
}

std::string words(Value &value)
{
    return handover::read_text(value.sized_part());
}

void read_stream(Value &value, Stream::Value &stream)
{
    const std::uint32_t state = value.u32();
    if (state > static_cast<std::uint32_t>(Stream::State::Ended))
        throw Refusal("a stream is in no state");
    stream.state = static_cast<Stream::State>(state);
    stream.root = flag(value);
    stream.header_sent = flag(value);
    stream.id = words(value);
    stream.name = words(value);
    stream.primer = words(value);
    stream.content_namespace = words(value);
    stream.unfinished = bytes(value);
}

void read_route(Value &value, ConnectionState &state)
{
    auto &known = state.routes.emplace_back();
    known.accepted = flag(value);
    known.ended = flag(value);
    const bool has_session = flag(value);
    known.connection = words(value);
    known.nonce = words(value);
    known.wanted = words(value);
    dialect::RouteSessions::Session session;
    session.address = words(value);
    session.id = words(value);
    if (has_session)
        known.session = std::move(session);
    known.result = packet_of(value.sized_part());
}

void read_part_of_connection(Tag tag, Value &value, ConnectionState &state)
{
    switch (tag) {
    case StreamIs: return read_stream(value, state.stream);
    case Name: return void(state.names.push_back(words(value)));
    case Claimed: return void(state.claimed.push_back(words(value)));
    case PausedBy: return void(state.paused_by.push_back(words(value)));
    case Bytes:
        state.written = value.u64();
        state.outbox = bytes(value);
        return;
    case Part: {
        auto &part = state.parts.emplace_back();
        part.begin = value.u64();
        part.end = value.u64();
        part.packet = bytes(value);
        return;
    }
    case Crossing: {
        Crossings::Crossing crossing;
        crossing.connection_is_ours = flag(value);
        crossing.connection = words(value);
        crossing.session = words(value);
        return void(state.crossings.push_back(std::move(crossing)));
    }
    case Route: return read_route(value, state);
    default: throw Refusal("it has a part that is not known here");
    }
}

void read_record(const handover::Record &record, Resources &resources, InstanceState &state)
{
    Value value{record.value};
    switch (record.tag) {
    case Writer:
        if (value.rest() != writer_name)
            throw Refusal("it is not of component streams");
        break;
    case Listener: {
        auto &listener = state.listeners.emplace_back();
        listener.fd = take_descriptor(resources, value);
        listener.endpoint = words(value);
        break;
    }
    case Connection: {
        auto &connection = state.connections.emplace_back();
        connection.fd = take_descriptor(resources, value);
        connection.connecting = flag(value);
        connection.in = value.u64();
        connection.out = value.u64();
        connection.returned = value.u64();
        connection.since = static_cast<std::int64_t>(value.u64());
        connection.endpoint = words(value);
        connection.peer = words(value);
        break;
    }
    case Displaced: state.displaced.push_back(words(value)); break;
    default:
        if (state.connections.empty())
            throw Refusal("it has a part of no connection");
        if (record.tag == Tls) {
            state.connections.back().tls = take_token(resources, value);
            break;
        }
        read_part_of_connection(static_cast<Tag>(record.tag), value, state.connections.back());
    }
    value.end();
}

InstanceState read_all(const jabberd_snapshot &snapshot)
{
    InstanceState state;
    Resources resources{snapshot};
    handover::RecordReader reader{{reinterpret_cast<const char *>(snapshot.records), snapshot.record_bytes}};
    auto record = reader.next();
    if (!record || record->tag != JABBERD_SNAPSHOT_BEGIN || handover::read_u32(record->value) != version)
        throw Refusal("it does not begin as it should");
    std::uint32_t count = 1;
    bool has_writer = false;
    for (record = reader.next(); record && record->tag != JABBERD_SNAPSHOT_END; record = reader.next(), ++count) {
        has_writer = has_writer || record->tag == Writer;
        if (!has_writer)
            throw Refusal("it does not say whose it is");
        read_record(*record, resources, state);
    }
    if (!record || handover::read_u32(record->value) != count || !reader.at_end())
        throw Refusal("it is cut, or goes on behind its end");
    resources.must_be_used_up();
    return state;
}

} // namespace

Snapshot::Snapshot(const InstanceState &state)
{
    writer_.u32(JABBERD_SNAPSHOT_BEGIN, version);
    Writing to{writer_, descriptors_, tokens_};
    writer_.open(Writer);
    writer_.part(writer_name);
    writer_.close();
    for (const ListenerState &listener : state.listeners)
        to.record(Listener, to.descriptor(listener.fd), listener.endpoint);
    for (const std::string &endpoint : state.displaced)
        to.record(Displaced, endpoint);
    for (const ConnectionState &connection : state.connections)
        write_connection(to, connection);
    writer_.u32(JABBERD_SNAPSHOT_END, writer_.records());
    abi_ = handover::snapshot_of(writer_, descriptors_, tokens_);
}

std::variant<InstanceState, std::string> read_snapshot(const jabberd_snapshot &snapshot)
{
    try {
        return read_all(snapshot);
    } catch (const Refusal &refusal) {
        return std::string{refusal.what()};
    }
}

} // namespace jabberd::component_stream
