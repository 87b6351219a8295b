// SPDX-License-Identifier: LGPL-2.1-or-later
#include "connection/returning.h"

#include "base/view.h"
#include "packet/stanza_rules.h"
#include "xml/parser.h"

#include <jabberd/session.h>

namespace jabberd::connection {

namespace {

// How far it has been written to (include/jabberd/session.h, "Written").
jabberd_packet question_of(std::string_view address, std::string_view sfrom)
{
    jabberd_packet packet{};
    packet.size = sizeof packet;
    packet.xmlns = view(JABBERD_NS_WRITTEN);
    packet.name = view("r");
    packet.sto = view(address);
    packet.sfrom = view(sfrom);
    return packet;
}

class Returning final : public xml::Events {
public:
    Returning(HostLink &host, std::string_view address) : host_(host), address_(address) {}
    std::string_view sfrom; // of the stanza that is read next

private:
    void on_stream_header(const xml::StreamHeader &) override {}
    void on_stream_end() override {}
    void on_stanza(const xml::Stanza &stanza) override
    {
        jabberd_packet packet = stanza.packet;
        packet.sto = view(address_);
        packet.sfrom = view(sfrom);
        host_.return_packet(packet);
    }

    HostLink &host_;
    std::string_view address_;
};

} // namespace

void return_all(net::OutQueue &stanzas, HostLink &host, std::string_view address, xml::ParserPool &parsers,
                Counters &counters)
{
    auto parser = parsers.borrow(xml::usual_primer);
    Returning events{host, address};
    stanzas.take_back([&](std::string_view stanza, std::string_view sfrom) {
        if (stanza.empty())
            return host.return_packet(question_of(address, sfrom));
        events.sfrom = sfrom;
        counters.returned.add(1);
        parser->feed(stanza, packet::stanza_rules(xml::no_limits), events);
    });
    parsers.give_back(std::move(parser), xml::usual_primer);
}

} // namespace jabberd::connection
