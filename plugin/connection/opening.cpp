// SPDX-License-Identifier: LGPL-2.1-or-later
#include "connection/opening.h"

#include "base/address.h"

#include <algorithm>
#include <vector>

namespace jabberd::connection {

std::string routed_name(std::string_view host)
{
    const bool is_ascii = std::ranges::all_of(host, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    return is_ascii ? std::string{host} : host_in_unicode(host).value_or(std::string{host});
}

std::string certificate_name(const Socket &socket, const session::Session *session,
                             const tls::Certificates &certificates)
{
    std::vector<std::string> names;
    if (session != nullptr)
        names = {session->alias(), session->host()};
    names.push_back(net::SocketAddress::of(socket.fd()).host());
    const auto known =
        std::ranges::find_if(names, [&](const std::string &name) { return certificates.find(name) != nullptr; });
    return known == names.end() ? std::string{} : *known;
}

session::ConnectionInfo connection_info(const Socket &socket, const net::SocketAddress &from,
                                        const config::Options &options)
{
    session::ConnectionInfo info{from.host(), from.port(), options.plain_in_the_clear, std::nullopt, false};
    const tls::TlsTransport *const tls = socket.tls();
    if (tls == nullptr)
        return info;
    info.tls = {tls->version(), tls->cipher(), {}};
    tls::ChannelBindings bindings = tls->channel_bindings();
    const auto add = [&](std::string_view type, std::string &data) {
        if (!data.empty())
            info.tls->channel_bindings.push_back({type, std::move(data)});
    };
    add("tls-exporter", bindings.exporter);
    add("tls-unique", bindings.unique);
    add("tls-server-end-point", bindings.server_end_point);
    return info;
}

} // namespace jabberd::connection
