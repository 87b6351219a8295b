// SPDX-License-Identifier: LGPL-2.1-or-later
#include "link/snapshot.h"

#include "link/frame/frame.h"

#include <limits>

namespace jabberd::link {

namespace {

using handover::RecordReader;
using handover::RecordWriter;
using handover::Refusal;
using handover::Value;

// Those with bit 31 are critical: what is not understood would be lost.
enum Tag : std::uint32_t {
    // Of the whole.
    name = 0x80010001,       // text
    process = 0x80010002,    // u64
    peer = 0x80010003,       // records
    listening = 0x80010004,  // u32 index into the descriptors, text as configured
    connection = 0x80010005, // u32 index, u32 1: outgoing, sized peer, bytes
    found = 0x00010006,      // text, name of a peer that was found, not configured
    held = 0x00010007,       // u64 for how many ms this process has had its name
    // Of a peer.
    peer_name = 0x80010101, // text
    numbers = 0x80010102,   // u64 each: mine, known, process, established, since, heard (ns)
    sent = 0x80010103,      // u64 each: received, taken, last, end_bytes, order, credit pieces and bytes
    batch = 0x80010104,     // u64 first, u64 end_bytes, u64 age (ns), u32 count, u32 sent, pieces
    taken = 0x80010105,     // u64 each: received, received_bytes, taken, granted pieces and bytes; the partial packet
    session = 0x80010106,   // u32 side, u64 idle (ns), sized connection, other
    names = 0x80010107,     // u64 version, sized each
    counts = 0x80010108,    // u64 each
};

std::uint64_t ns(Duration time)
{
    return static_cast<std::uint64_t>(std::max<std::int64_t>(std::chrono::nanoseconds{time}.count(), 0));
}

Duration take_duration(Value &value)
{
    constexpr std::uint64_t year = 365ull * 24 * 3600 * 1'000'000'000;
    return std::chrono::nanoseconds{static_cast<std::int64_t>(std::min(value.u64(), year))};
}

constexpr std::uint64_t Peer::Counts::*all_counts[] = {
    &Peer::Counts::packets_out, &Peer::Counts::packets_in, &Peer::Counts::repaired, &Peer::Counts::duplicates,
    &Peer::Counts::given_up,    &Peer::Counts::stale,      &Peer::Counts::broken};

void write(RecordWriter &writer, const Peer::State &state)
{
    writer.open(Tag::peer);
    writer.open(Tag::peer_name);
    writer.part(std::string_view{state.name});
    writer.close();
    writer.open(Tag::numbers);
    for (const std::uint64_t number :
         {state.mine, state.known, state.process, std::uint64_t{state.established}, ns(state.since), ns(state.heard)})
        writer.part(number);
    writer.close();
    writer.open(Tag::sent);
    for (const std::uint64_t number : {state.received, state.taken, state.last, state.end_bytes, state.order,
                                       state.credit.pieces, state.credit.bytes})
        writer.part(number);
    writer.close();
    for (const Batch &one : state.batches) {
        writer.open(Tag::batch);
        writer.part(one.first);
        writer.part(one.end_bytes);
        writer.part(ns(one.since));
        writer.part(one.count);
        writer.part(std::uint32_t{one.sent});
        writer.part(std::string_view{one.pieces});
        writer.close();
    }
    writer.open(Tag::taken);
    for (const std::uint64_t number : {state.inflow.received, state.inflow.received_bytes, state.inflow.taken,
                                       state.inflow.granted.pieces, state.inflow.granted.bytes})
        writer.part(number);
    writer.part(std::string_view{state.inflow.partial});
    writer.close();
    for (const auto &[connection, one] : state.sessions) {
        writer.open(Tag::session);
        writer.part(static_cast<std::uint32_t>(one.socket));
        writer.part(ns(one.last));
        writer.sized_part(connection);
        writer.part(std::string_view{one.other});
        writer.close();
    }
    writer.open(Tag::names);
    writer.part(state.names_seen);
    for (const std::string &one : state.names)
        writer.sized_part(one);
    writer.close();
    writer.open(Tag::counts);
    for (const auto count : all_counts)
        writer.part(state.counts.*count);
    writer.close();
    writer.close();
}

void read(Value &value, Batch &one)
{
    one.first = value.u64();
    one.end_bytes = value.u64();
    one.since = take_duration(value);
    one.count = value.u32();
    one.sent = value.u32() != 0;
    one.pieces = value.rest();
    if (one.pieces.size() > max_pieces_bytes)
        throw Refusal("a batch is larger than a frame");
}

Peer::State read_peer(std::string_view records)
{
    Peer::State state;
    RecordReader reader{records};
    while (const auto record = reader.next()) {
        Value value{record->value};
        switch (record->tag) {
        case Tag::peer_name: state.name = handover::read_text(value.rest()); break;
        case Tag::numbers:
            state.mine = value.u64();
            state.known = value.u64();
            state.process = value.u64();
            state.established = value.u64() != 0;
            state.since = take_duration(value);
            state.heard = take_duration(value);
            break;
        case Tag::sent:
            for (std::uint64_t *number : {&state.received, &state.taken, &state.last, &state.end_bytes, &state.order,
                                          &state.credit.pieces, &state.credit.bytes})
                *number = value.u64();
            break;
        case Tag::batch: read(value, state.batches.emplace_back()); break;
        case Tag::taken:
            for (std::uint64_t *number : {&state.inflow.received, &state.inflow.received_bytes, &state.inflow.taken,
                                          &state.inflow.granted.pieces, &state.inflow.granted.bytes})
                *number = value.u64();
            state.inflow.partial = value.rest();
            break;
        case Tag::session: {
            Session one;
            one.socket = value.u32() == 0 ? Side::Here : Side::There;
            one.last = take_duration(value);
            const std::string connection = handover::read_text(value.sized_part());
            one.other = handover::read_text(value.rest());
            state.sessions.emplace_back(connection, std::move(one));
            break;
        }
        case Tag::names: {
            state.names_seen = value.u64();
            for (Value rest{value.rest()};;) {
                Value again = rest;
                if (again.rest().empty())
                    break;
                state.names.push_back(handover::read_text(rest.sized_part()));
            }
            break;
        }
        case Tag::counts:
            for (const auto count : all_counts)
                state.counts.*count = value.u64();
            break;
        default: handover::skip_unknown(record->tag); continue;
        }
        value.end();
    }
    if (state.name.empty() || state.name.size() > max_name)
        throw Refusal("a peer has no name");
    return state;
}

int descriptor(const jabberd_snapshot &snapshot, std::uint32_t index)
{
    if (index >= snapshot.descriptor_count)
        throw Refusal("there is no descriptor " + std::to_string(index));
    return snapshot.descriptors[index];
}

LinkState read(const jabberd_snapshot &snapshot)
{
    LinkState state;
    RecordReader reader{{reinterpret_cast<const char *>(snapshot.records), snapshot.record_bytes}};
    std::uint32_t count = 0;
    bool ended = false;
    for (; const auto record = reader.next(); ++count) {
        if ((count == 0) != (record->tag == JABBERD_SNAPSHOT_BEGIN) || ended)
            throw Refusal("it does not begin with its begin, or goes on behind its end");
        Value value{record->value};
        switch (record->tag) {
        case JABBERD_SNAPSHOT_BEGIN:
            if (value.u32() != 1)
                throw Refusal("it is of another version");
            break;
        case JABBERD_SNAPSHOT_END:
            if (value.u32() != count)
                throw Refusal("records are missing");
            ended = true;
            break;
        case Tag::name: state.name = handover::read_text(value.rest()); break;
        case Tag::process: state.process = value.u64(); break;
        case Tag::peer: state.peers.push_back(read_peer(value.rest())); break;
        case Tag::listening: {
            const int fd = descriptor(snapshot, value.u32());
            state.carrier.listening.push_back({fd, handover::read_text(value.rest())});
            break;
        }
        case Tag::connection: {
            const int fd = descriptor(snapshot, value.u32());
            const bool outgoing = value.u32() != 0;
            std::string of = handover::read_text(value.sized_part());
            state.carrier.connections.push_back({fd, std::move(of), outgoing, std::string{value.rest()}});
            break;
        }
        case Tag::found:
            state.carrier.peers.push_back(handover::read_text(value.rest()));
            if (!is_process_name(state.carrier.peers.back()))
                throw Refusal("a peer has no name");
            break;
        case Tag::held: state.carrier.held_ms = value.u64(); break;
        default: handover::skip_unknown(record->tag); continue;
        }
        value.end();
    }
    if (!ended || state.process == 0)
        throw Refusal("it is not complete");
    return state;
}

} // namespace

Snapshot::Snapshot(const LinkState &state)
{
    writer_.u32(JABBERD_SNAPSHOT_BEGIN, 1);
    writer_.open(Tag::name);
    writer_.part(std::string_view{state.name});
    writer_.close();
    writer_.open(Tag::process);
    writer_.part(state.process);
    writer_.close();
    for (const Peer::State &one : state.peers)
        write(writer_, one);
    const auto add = [&](int fd) {
        descriptors_.push_back(fd);
        writer_.part(static_cast<std::uint32_t>(descriptors_.size() - 1));
    };
    for (const CarrierState::Listening &one : state.carrier.listening) {
        writer_.open(Tag::listening);
        add(one.fd);
        writer_.part(std::string_view{one.configured});
        writer_.close();
    }
    for (const CarrierState::Connection &one : state.carrier.connections) {
        writer_.open(Tag::connection);
        add(one.fd);
        writer_.part(std::uint32_t{one.outgoing});
        writer_.sized_part(one.peer);
        writer_.part(std::string_view{one.bytes});
        writer_.close();
    }
    for (const std::string &one : state.carrier.peers) {
        writer_.open(Tag::found);
        writer_.part(std::string_view{one});
        writer_.close();
    }
    if (state.carrier.held_ms) {
        writer_.open(Tag::held);
        writer_.part(*state.carrier.held_ms);
        writer_.close();
    }
    writer_.u32(JABBERD_SNAPSHOT_END, writer_.records());
    abi_ = handover::snapshot_of(writer_, descriptors_);
}

std::variant<LinkState, std::string> read_snapshot(const jabberd_snapshot &snapshot)
{
    try {
        return read(snapshot);
    } catch (const Refusal &refusal) {
        return std::string{refusal.what()};
    }
}

} // namespace jabberd::link
