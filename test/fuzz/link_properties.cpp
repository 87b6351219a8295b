// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fuzz/link_properties.h"

#include "base/view.h"
#include "link/carrier/announcement.h"
#include "link/carrier/handshake.h"
#include "link/carrier/nats_subjects.h"
#include "link/frame/bytes.h"
#include "link/frame/packet_code.h"
#include "link/peer/ring_visit.h"
#include "link/snapshot.h"

#include <array>

namespace jabberd::fuzz {

namespace {

using namespace jabberd::link;

constexpr std::uint64_t now = 1'000; // also the incarnation that the peer under test has at first
const Self self{"self", 7, [] { return now; }};
const PeerSettings settings{.patience = {}, .window = {4'096, 1u << 20}, .ring_bytes = 4u << 20};

jabberd_packet message(std::string_view body)
{
    jabberd_packet packet{};
    packet.size = sizeof packet;
    packet.name = view("message");
    packet.sto = view("ann@foo.com/r");
    packet.sfrom = view("7@c2s/1f");
    packet.body = view(body);
    return packet;
}

// What it has to say are frames, and not without end.
Failure speaks(Peer &peer)
{
    Frame frame;
    for (int count = 0; peer.next_frame(frame); ++count) {
        std::string bytes;
        write_frame(frame, bytes);
        Frame again;
        if (const auto wrong = read_frame(bytes, again); !wrong.empty())
            return "it sends " + std::string{wrong};
        if (frame_sender(bytes) != again.sender)
            return "a frame of its is of another sender than it seems to be";
        if (count == 1'000)
            return "it does not stop sending";
    }
    return {};
}

Failure take(Peer &peer, std::string_view bytes, Time time)
{
    Frame frame;
    Outcome outcome;
    if (!read_frame(bytes, frame).empty())
        return {};
    std::string again;
    write_frame(frame, again);
    if (again.size() != bytes.size() || again.substr(6) != bytes.substr(6)) // byte 5 is left for later versions
        return "a frame that was read is another one when it is written";
    peer.receive(frame, outcome);
    DecodedPacket decoded;
    for (const std::string_view packet : outcome.packets) {
        if (!decode(packet, decoded))
            continue;
        std::string encoded;
        encode(decoded.packet, encoded_size(decoded.packet), encoded);
        if (encoded != packet)
            return "a packet that was read is another one when it is written";
        peer.note_received(decoded.packet);
    }
    peer.packets_taken();
    if (outcome.given_up)
        outcome.given_up->ring.for_each([](const jabberd_packet &, bool) {});
    Outcome ticked;
    peer.tick(time, ticked);
    peer.append(message("hello"));
    return speaks(peer);
}

Failure frames_hold(ByteReader &reader)
{
    Peer peer{"peer", self, settings};
    peer.carried(Carried::Up);
    peer.tell_names({{"self.example"}}, 1);
    Time time{std::chrono::hours{1}};
    while (!reader.rest().empty() && !reader.failed()) {
        const std::string_view bytes = reader.take(reader.number<std::uint16_t>());
        if (Failure failure = take(peer, bytes, time += milliseconds{60}))
            return failure;
    }
    return {};
}

Failure greeting_holds(ByteReader &reader)
{
    Handshake listener{"self", "a secret of the cluster", [](std::string_view) { return true; }};
    Handshake dialer{"self", "peer", "a secret of the cluster"};
    bool listens = true, dials = true;
    std::string answer;
    while (!reader.rest().empty() && !reader.failed() && (listens || dials)) {
        const std::string_view bytes = reader.take(reader.number<std::uint16_t>());
        const auto one = listens ? listener.take(bytes, answer) : Handshake::Step::Failed;
        const auto other = dials ? dialer.take(bytes, answer) : Handshake::Step::Failed;
        if (one == Handshake::Step::Done || other == Handshake::Step::Done)
            return "a greeting without the secret has succeeded";
        listens = one == Handshake::Step::GoOn;
        dials = other == Handshake::Step::GoOn;
    }
    return {};
}

Failure snapshot_holds(std::string_view bytes)
{
    const std::array descriptors{-1, -1, -1, -1};
    jabberd_snapshot snapshot{};
    snapshot.size = sizeof snapshot;
    snapshot.records = reinterpret_cast<const unsigned char *>(bytes.data());
    snapshot.record_bytes = bytes.size();
    snapshot.descriptors = descriptors.data();
    snapshot.descriptor_count = descriptors.size();
    auto read = read_snapshot(snapshot);
    if (auto *state = std::get_if<LinkState>(&read)) {
        for (Peer::State &peer_state : state->peers) {
            auto peer = Peer::restore(std::move(peer_state), self, settings);
            if (!peer)
                continue;
            peer->carried(Carried::Up);
            peer->append(message("hello"));
            if (Failure failure = speaks(*peer))
                return failure;
            Outcome outcome;
            peer->give_up("the test says so", outcome);
            outcome.given_up->ring.for_each([](const jabberd_packet &, bool) {});
        }
    }
    return {};
}

void add(std::string &input, std::string_view message)
{
    store(input, static_cast<std::uint16_t>(message.size()));
    input.append(message);
}

std::string some_frame(Random &random)
{
    const auto few = [&] { return static_cast<std::uint64_t>(random() % 4); };
    Frame frame;
    frame.type = static_cast<FrameType>(1 + random() % 4);
    frame.sender = "peer";
    frame.process = 1 + few() / 2;
    frame.incarnation = 1 + few();
    frame.known = random() % 4 == 0 ? few() : now + few() / 3;
    frame.taken = few();
    frame.received = frame.taken + few();
    frame.heard = few();
    frame.credit_pieces = few() * 1'000;
    frame.credit_bytes = few() * 100'000;
    std::string pieces;
    if (frame.type == FrameType::Hello) {
        frame.names_version = few();
        frame.names_seen = few();
        frame.parts = static_cast<std::uint16_t>(random() % 3);
        frame.part = frame.parts == 0 ? 0 : static_cast<std::uint16_t>(random() % frame.parts);
        if (frame.parts != 0)
            frame.names = {"foo.com", "rooms.foo.com"};
    }
    if (frame.type == FrameType::Data) {
        frame.order = 1 + few();
        frame.first = 1 + few() * few();
        frame.count = static_cast<std::uint32_t>(1 + random() % 3);
        for (std::uint32_t i = 0; i < frame.count; ++i) {
            std::string packet;
            {
                const jabberd_packet sent =
                    message(random() % 8 == 0 ? "<error code='510'>Disconnected</error>" : "<body>hi</body>");
                encode(sent, encoded_size(sent), packet);
            }
            store(pieces, static_cast<std::uint16_t>(packet.size() | (random() % 4 == 0 ? goes_on : 0u)));
            pieces += packet;
        }
        frame.pieces = pieces;
    }
    if (frame.type == FrameType::Nak) {
        for (std::uint64_t i = 0; i <= few(); ++i)
            frame.gaps.push_back({static_cast<std::uint32_t>(1 + few()), static_cast<std::uint32_t>(1 + few())});
    }
    std::string bytes;
    write_frame(frame, bytes);
    return bytes;
}

std::string some_snapshot(Random &random)
{
    LinkState state;
    state.name = "self";
    state.process = 7;
    Peer peer{"peer", self, settings};
    peer.tell_names({{"self.example"}}, 1);
    for (int i = 0; i < 6; ++i)
        take(peer, some_frame(random), Time{std::chrono::hours{1} + milliseconds{60} * i});
    state.peers.push_back(peer.save());
    state.carrier.listening.push_back({3, "127.0.0.1:5270"});
    state.carrier.connections.push_back({4, "peer", random() % 2 == 0, "half a frame"});
    state.carrier.peers = {"peer", "another"};
    state.carrier.held_ms = random();
    const Snapshot snapshot{state};
    return {reinterpret_cast<const char *>(snapshot.abi().records), snapshot.abi().record_bytes};
}

// What comes to a broker's inbox is a frame or an announcement, by what it begins with.
Failure announcement_holds(std::string_view bytes)
{
    if (const std::string_view sender = frame_sender(bytes); !sender.empty()) {
        Frame frame;
        if (read_frame(bytes, frame).empty() && frame.sender != sender)
            return "a frame is of another sender than it seemed to be";
    }
    Announcement announcement;
    if (!read_announcement(bytes, announcement))
        return {};
    std::string again;
    write_announcement(announcement, again);
    if (again != bytes)
        return "an announcement that was read is another one when it is written";
    if (subject_token(announcement.name).find_first_of(".*> \t\r\n") != std::string::npos)
        return "a name is more than one token of a subject";
    return {};
}

std::string some_announcement(Random &random)
{
    std::string bytes;
    write_announcement({random() % 2 == 0 ? "host-a" : "a.b/c", random() % 4, random(), random() % 2 == 0}, bytes);
    return bytes;
}

} // namespace

Failure link_holds(std::string_view input)
{
    ByteReader reader{input};
    switch (reader.number<std::uint8_t>() % 4) {
    case 0: return frames_hold(reader);
    case 1: return greeting_holds(reader);
    case 2: return snapshot_holds(reader.rest());
    default: return announcement_holds(reader.rest());
    }
}

std::string some_link_input(Random &random)
{
    std::string input(1, static_cast<char>(random() % 4));
    switch (input.front()) {
    case 0:
        for (unsigned i = 0; i < 12; ++i)
            add(input, some_frame(random));
        break;
    case 1: {
        add(input, Handshake{"peer", "self", "a secret of somebody"}.first());
        add(input, std::string("JLH1\x02", 5) + std::string(32, 'n'));
        for (const char *kind : {"JLH1\x03", "JLH1\x04"})
            add(input, kind + std::string(32, static_cast<char>(random())));
        break;
    }
    case 2: input += some_snapshot(random); break;
    default: input += random() % 4 == 0 ? some_frame(random) : some_announcement(random);
    }
    for (unsigned changes = static_cast<unsigned>(random() % 4); changes != 0; --changes)
        input[1 + random() % (input.size() - 1)] = static_cast<char>(random() % 3 == 0 ? random() : random() % 4);
    if (random() % 8 == 0)
        input.resize(1 + random() % input.size());
    return input;
}

} // namespace jabberd::fuzz
