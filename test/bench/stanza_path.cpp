// SPDX-License-Identifier: LGPL-2.1-or-later
// What a stanza costs without the kernel: client's bytes → packet, and packet → client's bytes.
#include "base/view.h"
#include "packet/stanza_rules.h"
#include "session/session.h"
#include "stream/framing.h"
#include "websocket/frame_reader.h"
#include "websocket/framing.h"
#include "xml/packet_text.h"
#include "xml/parser_pool.h"

#include <benchmark/benchmark.h>

#include <climits>
#include <span>
#include <string>

namespace jabberd {
namespace {

constexpr xml::Limits limits{.bytes = 262144, .elements = 10000, .attributes = 64, .depth = 64, .name_bytes = 1024};

std::string chat(std::size_t body_bytes)
{
    return "<message to='bob@localhost/home' type='chat' id='m1'><body>" + std::string(body_bytes, 'x') +
           "</body></message>";
}

// A session that has logged in, the way one does.
session::Session logged_in()
{
    session::Session session{"12@c2s/1", "localhost"};
    xml::Stanza auth;
    auth.packet.name = view("iq");
    auth.packet.type = view("set");
    auth.child_count = 1;
    auth.child_name = "query";
    auth.child_xmlns = "jabber:iq:auth";
    auto asked = std::get<session::Outbound>(session.admit(auth));
    jabberd_packet answer{};
    answer.name = view("iq");
    answer.type = view("result");
    answer.id = asked.packet().id;
    answer.sfrom = view("alice@localhost/home");
    std::string id_storage;
    session::Offers offers;
    if (session.receive(answer, false, id_storage, offers).meaning != session::Meaning::LoggedIn)
        std::abort();
    return session;
}

class Forward final : public xml::Events {
public:
    session::Session session = logged_in();
    std::size_t bytes = 0;

private:
    void on_stream_header(const xml::StreamHeader &) override {}
    void on_stream_end() override {}
    void on_stanza(const xml::Stanza &stanza) override
    {
        auto admitted = session.admit(stanza);
        bytes += std::get<session::Outbound>(admitted).packet().body.size;
    }
};

void ClientToPacket(benchmark::State &state)
{
    const std::string stanza = chat(static_cast<std::size_t>(state.range(0)));
    xml::ParserPool pool;
    Forward forward;
    const xml::Rules rules = packet::stanza_rules(limits);
    for (auto _ : state) {
        auto parser = pool.borrow(xml::usual_primer);
        parser->feed(stanza, rules, forward);
        pool.give_back(std::move(parser), xml::usual_primer);
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(stanza.size()));
    benchmark::DoNotOptimize(forward.bytes);
}
BENCHMARK(ClientToPacket)->Arg(20)->Arg(200)->Arg(4000);

// The same in a message of a WebSocket. The mask is of zeros, so that the bytes are the same each time.
void FrameToPacket(benchmark::State &state)
{
    std::string wire;
    websocket::append_frame(wire, websocket::Opcode::Text, chat(static_cast<std::size_t>(state.range(0))));
    const std::size_t header = wire.size() - websocket::payload_of(wire).size();
    wire[1] = static_cast<char>(wire[1] | '\x80');
    wire.insert(header, 4, '\0');
    xml::ParserPool pool;
    Forward forward;
    websocket::FrameReader frames;
    const xml::Rules rules = packet::stanza_rules(limits);
    for (auto _ : state) {
        std::span<char> rest = wire;
        const auto heard = frames.next(rest, limits.bytes);
        auto parser = pool.borrow(xml::usual_primer);
        parser->feed(heard.bytes, rules, forward);
        pool.give_back(std::move(parser), xml::usual_primer);
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(wire.size()));
    benchmark::DoNotOptimize(forward.bytes);
}
BENCHMARK(FrameToPacket)->Arg(20)->Arg(200)->Arg(4000);

// What a framing adds to a stanza that is written.
template <const stream::Framing &(*framing)()>
void Enclosing(benchmark::State &state)
{
    const std::string stanza = chat(static_cast<std::size_t>(state.range(0)));
    std::string out;
    for (auto _ : state) {
        out = stanza;
        framing().enclose(out, 0);
        benchmark::DoNotOptimize(out.data());
    }
}
BENCHMARK(Enclosing<stream::one_document>)->Name("EncloseInOneDocument")->Arg(20)->Arg(200)->Arg(4000);
BENCHMARK(Enclosing<websocket::one_element_a_message>)->Name("EncloseInAMessage")->Arg(20)->Arg(200)->Arg(4000);

void PacketToClient(benchmark::State &state)
{
    const std::string body = "<body>" + std::string(static_cast<std::size_t>(state.range(0)), 'x') + "</body>";
    jabberd_packet packet{};
    packet.size = sizeof packet;
    packet.name = view("message");
    packet.to = view("alice@localhost/home");
    packet.from = view("bob@localhost/home");
    packet.type = view("chat");
    packet.id = view("m1");
    packet.sto = view("12@c2s/1");
    packet.sfrom = view("alice@localhost");
    packet.body = view(body);
    xml::ParserPool pool;
    session::Session session = logged_in();
    session::Offers offers;
    std::string out, id_storage;
    for (auto _ : state) {
        auto parser = pool.borrow(xml::usual_primer);
        const xml::Stanza *stanza = parser->rewrite(packet, packet::stanza_rules(limits));
        jabberd_packet readable = stanza->packet;
        readable.sfrom = packet.sfrom;
        if (session.receive(readable, packet::carries_510(*stanza), id_storage, offers).meaning !=
            session::Meaning::Pass)
            state.SkipWithError("not passed");
        out.clear();
        xml::append_packet(out, readable);
        pool.give_back(std::move(parser), xml::usual_primer);
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(out.size()));
}
BENCHMARK(PacketToClient)->Arg(20)->Arg(200)->Arg(4000);

void NewParser(benchmark::State &state)
{
    for (auto _ : state) {
        xml::Parser parser{xml::usual_primer};
        benchmark::DoNotOptimize(parser);
    }
}
BENCHMARK(NewParser);

} // namespace
} // namespace jabberd

BENCHMARK_MAIN();
