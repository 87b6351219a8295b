// SPDX-License-Identifier: LGPL-2.1-or-later
// <connection/>: what the socket manager says of a connection before it is logged in (jabberd/session.h).
#pragma once

#include <libxml/tree.h>

#include <map>
#include <string>

namespace jabberd::session_manager {

struct ConnectionInfo {
    bool tls = false;
    bool plain = false;  // PLAIN may be offered: under TLS, or where the socket manager's operator allows it without
    std::string address; // of the client, without port
    // Type to base64 data: those that can be used here, which are the ones libgsasl knows. It does not know
    // tls-server-end-point.
    std::map<std::string, std::string, std::less<>> channel_bindings;
};

// From the first <connection/> among the children of `parent`; there is none: the connection is in the clear.
ConnectionInfo read_connection(const xmlNode *parent);

} // namespace jabberd::session_manager
