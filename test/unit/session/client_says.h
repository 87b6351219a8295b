// SPDX-License-Identifier: LGPL-2.1-or-later
// A session, and both sides talking to it in XML.
#pragma once

#include "base/owned_packet.h"
#include "base/view.h"
#include "packet/stanza_rules.h"
#include "session/session.h"
#include "support/packet_from_xml.h"
#include "xml/packet_text.h"
#include "xml/parser_pool.h"

#include <string>
#include <string_view>
#include <vector>

namespace jabberd::test {

// What came of it, as text: packets as XML, everything else in words.
class Talk {
public:
    session::Session session{"7@c2s/1", "foo.com"};
    session::Offers offers;
    std::string nonce; // of the last packet admitted

    // The client's stanza: the packet that leaves for the session manager, or the name of the stream error.
    std::string client(std::string_view stanza)
    {
        class OneStanza final : public xml::Events {
        public:
            explicit OneStanza(Talk &talk) : talk_(talk) {}
            std::string answer = "no stanza";

        private:
            void on_stream_header(const xml::StreamHeader &) override {}
            void on_stream_end() override {}
            void on_stanza(const xml::Stanza &read) override { answer = talk_.judged(read); }
            Talk &talk_;
        } events{*this};
        xml::Parser parser{xml::usual_primer};
        parser.feed(stanza, packet::stanza_rules(limits), events);
        return events.answer;
    }

    // The session manager's packet; {nonce} stands for the last one. What it means, and what the client is sent.
    std::string manager(std::string packet_xml)
    {
        for (std::size_t at = packet_xml.find("{nonce}"); at != std::string::npos; at = packet_xml.find("{nonce}"))
            packet_xml.replace(at, 7, nonce);
        const OwnedPacket owned = packet_from_xml(packet_xml);
        xml::Parser parser{xml::usual_primer};
        const xml::Stanza *stanza = parser.rewrite(owned.packet(), packet::stanza_rules(limits));
        if (stanza == nullptr)
            return "not canonical";
        jabberd_packet packet = stanza->packet;
        packet.sfrom = owned.packet().sfrom;
        std::string id;
        const auto [meaning, next] = session.receive(packet, packet::carries_510(*stanza), id, offers);
        std::string sent;
        xml::append_packet(sent, packet);
        const std::string then = next == session::Next::Stream     ? ", new stream: "
                                 : next == session::Next::Features ? ", new features: "
                                                                   : ": ";
        switch (meaning) {
        case session::Meaning::Pass:
        case session::Meaning::Refused: return sent;
        case session::Meaning::Relay: return "relayed: " + sent;
        case session::Meaning::Written: return "asks how far it is written";
        case session::Meaning::Ignore: return "ignored";
        case session::Meaning::TooEarly: return "too early: " + sent;
        case session::Meaning::Features: return "features: " + session.take_features();
        case session::Meaning::Introduced: return "introduced";
        case session::Meaning::Authenticated: return "authenticated" + then + sent;
        case session::Meaning::LoggedIn: return "logged in" + then + sent;
        case session::Meaning::LoginFailed: return "login failed: " + sent;
        case session::Meaning::Disconnected: return "disconnected";
        case session::Meaning::OtherSession: return "other session";
        case session::Meaning::Impossible: return "impossible";
        }
        return "?";
    }

    // A packet that leaves for the session manager, as text.
    std::string left(session::Outbound &outbound)
    {
        const jabberd_packet &packet = outbound.packet();
        std::string out;
        xml::append_packet(out, packet);
        if (session.bound() && !session.asks_features())
            return out;
        nonce = text(packet.id);
        return out.replace(out.find(nonce), nonce.size(), "{nonce}");
    }

    void log_in()
    {
        client("<iq type='set' id='auth1'><query xmlns='jabber:iq:auth'/></iq>");
        manager("<iq type='result' id='{nonce}' sto='7@c2s/1' sfrom='alice@foo.com/r'/>");
    }

private:
    static constexpr xml::Limits limits{
        .bytes = 1 << 20, .elements = 1000, .attributes = 100, .depth = 100, .name_bytes = 1000};

    std::string judged(const xml::Stanza &read)
    {
        auto admitted = session.admit(read);
        if (const auto *error = std::get_if<stream::StreamError>(&admitted))
            return std::string{stream::name(error->condition)};
        if (const auto *answer = std::get_if<session::Answer>(&admitted))
            return "answered: " + answer->xml;
        return left(std::get<session::Outbound>(admitted));
    }
};

} // namespace jabberd::test
