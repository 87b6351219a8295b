// SPDX-License-Identifier: LGPL-2.1-or-later
// What a stream that opens needs to be known by: the names of its host, and how its client has come here.
#pragma once

#include "config/options.h"
#include "connection/socket.h"
#include "net/socket_address.h"
#include "session/connection_info.h"
#include "session/session.h"

#include <string>
#include <string_view>

namespace jabberd::connection {

// As the session manager will spell the host, so that its answers need no second look: a client may type
// BÜCHER.example. An A-label was chosen on purpose, by a client or by an operator of a server that does not know what
// it means.
std::string routed_name(std::string_view host);

// Whose certificate a client gets that does not ask for one by SNI: of the host as the client has called it, as we call
// it, of the address that it has come to. "": none of these has one. `session` may be null.
std::string certificate_name(const Socket &socket, const session::Session *session,
                             const tls::Certificates &certificates);

// What the session manager is told of the connection.
session::ConnectionInfo connection_info(const Socket &socket, const net::SocketAddress &from,
                                        const config::Options &options);

} // namespace jabberd::connection
