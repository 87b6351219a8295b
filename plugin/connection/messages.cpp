// SPDX-License-Identifier: LGPL-2.1-or-later
#include "connection/messages.h"

#include "base/host_name.h"
#include "base/view.h"
#include "xml/namespaces.h"
#include "xml/parser_pool.h"

#include <jabberd/snapshot.h>

#include <algorithm>
#include <stdexcept>

namespace jabberd::connection {

namespace {

// A name that the configuration has for what is served here. Hosts of session managers are not known, but those of
// certificates are.
bool is_name_of_ours(std::string_view host, const config::Options &options, const tls::Certificates *certificates)
{
    const auto is_it = [&](const config::Alias &alias) {
        return same_host(host, alias.name) || same_host(host, alias.host);
    };
    return std::ranges::any_of(options.aliases, is_it) ||
           (!options.default_host.empty() && same_host(host, options.default_host)) ||
           (certificates != nullptr && certificates->find(host) != nullptr);
}

} // namespace

void Messages::open()
{
    open_ = true;
    request_ = {};
}

void Messages::save(handover::ConnectionState &state) const
{
    state.websocket = open_ ? JABBERD_WEBSOCKET_OPEN : JABBERD_WEBSOCKET_REQUEST;
    if (state.stream == JABBERD_STREAM_CLOSING)
        return; // nothing more is read, and what was read last may be what ended it
    state.request = request_.bytes();
    frames_.save(state);
    state.message_done = element_done;
}

Messages::Messages(const handover::ConnectionState &state) : element_done(state.message_done)
{
    open_ = state.websocket == JABBERD_WEBSOCKET_OPEN;
    if (!request_.restore(state.request) || (open_ && !state.request.empty()))
        throw std::runtime_error{"an HTTP request that is whole, or none"};
    frames_.restore(state);
}

websocket::HttpAnswer answer_request(std::string_view request, const Socket &socket, const config::Options &options,
                                     const tls::Certificates *certificates, bool needs_tls)
{
    if (!options.websocket) // any more
        return websocket::refusal_of({503, "there is no WebSocket here any more"});
    return websocket::answer_to(
        request, {.path = options.websocket->path,
                  .address = options.websocket->address,
                  .origins = options.websocket->origins,
                  .is_ours = [&](std::string_view host) { return is_name_of_ours(host, options, certificates); },
                  .secure = socket.tls() != nullptr,
                  .needs_tls = needs_tls});
}

std::uint16_t close_code_of(stream::Condition condition)
{
    using enum stream::Condition;
    switch (condition) {
    case Reset:
    case SeeOtherHost:
    case SystemShutdown: return websocket::close_code::going_away;
    case BadNamespacePrefix:
    case NotWellFormed:
    case RestrictedXml:
    case UnsupportedEncoding: return websocket::close_code::inconsistent;
    case ConnectionTimeout:
    case NotAuthorized:
    case PolicyViolation:
    case ResourceConstraint: return websocket::close_code::policy;
    default: return websocket::close_code::normal;
    }
}

xml::StreamHeader header_of(const xml::Stanza &open)
{
    const jabberd_packet &packet = open.packet;
    xml::StreamHeader header;
    header.is_stream = true;
    header.content_namespace = xml::ns::client;
    header.to = packet.to;
    header.from = packet.from;
    header.id = packet.id;
    header.lang = packet.lang;
    for (std::size_t i = 0; i < packet.attribute_count; ++i) {
        if (text(packet.attributes[i].name) == "version")
            header.version = packet.attributes[i].value;
    }
    header.primer = xml::usual_primer;
    return header;
}

} // namespace jabberd::connection
