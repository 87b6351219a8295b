// SPDX-License-Identifier: LGPL-2.1-or-later
// A component stream without a socket, and all that it says.
#pragma once

#include "base/view.h"
#include "component_stream/wire/handshake.h"
#include "component_stream/wire/stream.h"
#include "xml/packet_text.h"

#include <string>
#include <utility>
#include <vector>

namespace jabberd::test {

inline component_stream::EndpointOptions stream_options(component_stream::Role role, component_stream::Dialect dialect)
{
    component_stream::EndpointOptions options;
    options.role = role;
    options.dialect = dialect;
    options.secret = "secret";
    options.hosts = {"rooms.localhost", "irc.localhost"};
    options.greeting = dialect == component_stream::Dialect::Route ? "to-sessions" : "rooms.localhost";
    return options;
}

class HeardStream final : private component_stream::StreamOwner {
public:
    using State = component_stream::Stream::State;

    HeardStream(component_stream::Role role, component_stream::Dialect dialect)
        : options{stream_options(role, dialect)}, stream{options, "to-sessions", *this, "id1"}
    {
    }

    // What was written since.
    std::string take() { return std::exchange(written, {}); }
    std::string handshake() const
    {
        return "<handshake>" + component_stream::handshake_of("id1", "secret") + "</handshake>";
    }

    component_stream::EndpointOptions options;
    std::string written;
    std::vector<std::string> stanzas; // as packets
    std::string name;                 // that authenticated() was told
    std::optional<stream::StreamError> refusal;
    unsigned wrong = 0;
    std::vector<std::string> ends; // how, condition
    component_stream::Stream stream;

private:
    void write(std::string_view bytes) override { written += bytes; }
    std::optional<stream::StreamError> authenticated(std::string_view host) override
    {
        name = host;
        return refusal;
    }
    void wrong_secret() override { ++wrong; }
    void stanza(const xml::Stanza &stanza) override { xml::append_packet(stanzas.emplace_back(), stanza.packet); }
    void ended(End end, std::string_view condition, std::string_view) override
    {
        const char *const how[] = {"closed", "peer", "ours"};
        ends.push_back(std::string{how[static_cast<int>(end)]}.append(" ").append(condition));
    }
};

inline constexpr std::string_view component_header =
    "<?xml version='1.0'?><stream:stream xmlns:stream='http://etherx.jabber.org/streams' "
    "xmlns='jabber:component:accept' to='rooms.localhost'>";

} // namespace jabberd::test
