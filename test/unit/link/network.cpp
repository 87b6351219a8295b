// SPDX-License-Identifier: LGPL-2.1-or-later
#include "network.h"

#include "base/view.h"
#include "link/frame/packet_code.h"
#include "link/peer/ring_visit.h"

#include <sstream>

namespace jabberd::link::test {

PeerSettings Network::default_settings()
{
    return {.patience = {}, .window = {4'096, 1u << 20}, .ring_bytes = 4u << 20};
}

Network::Network(std::uint32_t seed, const PeerSettings &settings_) : settings(settings_), random_(seed)
{
    for (const int end : {left, right}) {
        selves_[end].name = end == left ? "left" : "right";
        selves_[end].realtime = [this, end] {
            return static_cast<std::uint64_t>(static_cast<std::int64_t>(realtime_us_) + clock_shift_us_[end]);
        };
        begin(end);
    }
}

void Network::begin(int end)
{
    selves_[end].process = random_() | 1u;
    peers_[end] = std::make_unique<Peer>(selves_[1 - end].name, selves_[end], settings);
    peers_[end]->carried(Carried::Up);
    peers_[end]->tell_names({{selves_[end].name + ".example"}}, realtime_us_);
}

void Network::restart(int end, std::int64_t clock_ms)
{
    clock_shift_us_[end] += clock_ms * 1'000;
    lost_[end] = next_[end] - 1;
    realtime_us_ += 1'000;
    begin(end);
}

void Network::swap(int end)
{
    auto again = Peer::restore(peers_[end]->save(), selves_[end], settings);
    if (!again)
        throw std::runtime_error{"a state that was saved cannot be restored"};
    peers_[end] = std::make_unique<Peer>(std::move(*again));
    peers_[end]->carried(Carried::Up);
    peers_[end]->tell_names({{selves_[end].name + ".example"}}, realtime_us_);
}

bool Network::send(int end, std::size_t body)
{
    const std::string id = std::to_string(next_[end]), text(body, 'x');
    jabberd_packet packet{};
    packet.size = sizeof packet;
    packet.name = view("message");
    packet.id = view(id);
    packet.from = view("somebody@somewhere");
    packet.body = view(text);
    if (peer(end).append(packet) != Peer::Append::Taken)
        return false;
    ++next_[end];
    return true;
}

void Network::note(int end, Outcome &outcome)
{
    for (std::string &line : outcome.lines)
        fates_[end].lines.push_back(std::move(line));
    if (!outcome.given_up)
        return;
    fates_[end].given_up.push_back(outcome.given_up->why);
    const bool whole = outcome.given_up->ring.for_each([&](const jabberd_packet &packet, bool sent) {
        const std::uint64_t id = std::stoull(std::string{text(packet.id)});
        fates_[end].returned.insert(id);
        if (sent)
            fates_[end].perhaps.insert(id);
    });
    if (!whole)
        fates_[end].lines.push_back("a ring that cannot be read");
}

void Network::give_up(int end)
{
    Outcome outcome;
    peer(end).give_up("the test says so", outcome);
    note(end, outcome);
}

void Network::receive(int end, const std::string &bytes)
{
    Frame frame;
    if (const auto wrong = read_frame(bytes, frame); !wrong.empty())
        throw std::runtime_error{"a frame of ours is wrong: " + std::string{wrong}};
    Outcome outcome;
    peer(end).receive(frame, outcome);
    note(end, outcome);
    DecodedPacket decoded;
    for (const std::string_view packet : outcome.packets) {
        if (!decode(packet, decoded))
            throw std::runtime_error{"a packet of ours is wrong"};
        peer(end).note_received(decoded.packet);
        if (present(decoded.packet.id))
            fates_[1 - end].delivered.push_back(std::stoull(std::string{text(decoded.packet.id)}));
    }
    if (!outcome.packets.empty())
        peer(end).packets_taken();
}

void Network::flush(int end)
{
    Frame frame;
    while (peer(end).next_frame(frame)) {
        std::string bytes;
        write_frame(frame, bytes);
        answers_[end] += frame.type == FrameType::Ack || frame.type == FrameType::Nak;
        if (bytes.size() > max_frame)
            throw std::runtime_error{"a frame of ours is too long"};
        if (end == left ? faults.cut_to_right : faults.cut_to_left)
            continue;
        const int copies = chance(faults.drop) ? 0 : chance(faults.twice) ? 2 : 1;
        dropped_[end] += copies == 0 && frame.type == FrameType::Data;
        for (int i = 0; i < copies; ++i) {
            unsigned jitter =
                faults.jitter_ms == 0 ? 0 : std::uniform_int_distribution<unsigned>{0, faults.jitter_ms}(random_);
            if (faults.late != 0 && chance(faults.late))
                jitter += faults.late_ms;
            flying_.emplace(now_ + milliseconds{faults.delay_ms + jitter}, Flying{1 - end, bytes});
        }
    }
}

void Network::run(unsigned ms)
{
    for (unsigned passed = 0; passed < ms; passed += 10) {
        now_ += milliseconds{10};
        realtime_us_ += 10'000;
        std::vector<Flying> wait; // in the buffers of a process that does not run
        while (!flying_.empty() && flying_.begin()->first <= now_) {
            Flying frame = std::move(flying_.extract(flying_.begin()).mapped());
            if (stopped_[frame.to])
                wait.push_back(std::move(frame));
            else
                receive(frame.to, frame.bytes);
        }
        for (Flying &frame : wait)
            flying_.emplace(now_, std::move(frame));
        for (const int end : {left, right}) {
            if (stopped_[end])
                continue;
            if ((now_.time_since_epoch() % tick_every) < milliseconds{10}) {
                Outcome outcome;
                peer(end).tick(now_, outcome);
                note(end, outcome);
            }
            flush(end);
        }
    }
}

bool Network::converged()
{
    const auto a = peer(left).status(), b = peer(right).status();
    return a.established && b.established && a.mine == b.known && b.mine == a.known &&
           peer(left).names() == std::vector<std::string>{"right.example"} &&
           peer(right).names() == std::vector<std::string>{"left.example"};
}

std::string Network::explain() const
{
    std::ostringstream out;
    for (const int end : {left, right}) {
        const auto status = peers_[end]->status();
        out << selves_[end].name << ": " << (status.established ? "established" : "not established") << ", mine "
            << status.mine << ", known " << status.known << ", in flight " << status.in_flight << ", sent "
            << next_[end] - 1 << ", delivered " << fates_[end].delivered.size() << ", returned "
            << fates_[end].returned.size() << "\n";
        for (const std::string &why : fates_[end].given_up)
            out << "  gave up: " << why << "\n";
        for (const std::string &line : fates_[end].lines)
            out << "  " << line << "\n";
    }
    return out.str();
}

} // namespace jabberd::link::test
