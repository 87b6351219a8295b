// SPDX-License-Identifier: LGPL-2.1-or-later
#include "connection/snapshot_values.h"

#include "packet/stanza_rules.h"
#include "xml/packet_text.h"
#include "xml/parser.h"
#include "xml/parser_pool.h"

#include <stdexcept>

namespace jabberd::connection {

namespace {

class OnePacket final : public xml::Events {
public:
    OwnedPacket packet;
    unsigned count = 0;

private:
    void on_stream_header(const xml::StreamHeader &) override {}
    void on_stream_end() override { count = 2; }
    void on_stanza(const xml::Stanza &stanza) override
    {
        packet = OwnedPacket{stanza.packet};
        ++count;
    }
};

} // namespace

std::vector<std::string> texts_of(const PacketList &packets)
{
    std::vector<std::string> texts;
    packets.for_each([&](const jabberd_packet &packet) { xml::append_packet(texts.emplace_back(), packet); });
    return texts;
}

PacketList packets_of(const std::vector<std::string> &texts)
{
    PacketList packets;
    for (const std::string &text : texts) {
        xml::Parser parser{xml::usual_primer};
        OnePacket one;
        if (parser.feed(text, packet::stanza_rules(xml::no_limits), one) != xml::Fault::None || one.count != 1)
            throw std::runtime_error{"what is not a packet"};
        packets.push_back(std::move(one.packet));
    }
    return packets;
}

} // namespace jabberd::connection
