// SPDX-License-Identifier: LGPL-2.1-or-later
// What of a server's stream features can be offered to a client of ours.
#pragma once

#include <jabberd/packet.h>

#include <string>
#include <string_view>

namespace jabberd::upstream {

// Of the client's connection with us (include/jabberd/session.h, "Connection").
struct ClientSecurity {
    bool tls = false;
    bool plain = false; // the operator lets a password travel in the clear
};

// `features`: the children of the server's <stream:features/>. Without what is between two neighbours only (STARTTLS,
// compression, limits of a stream, channel bindings and the mechanisms that need them), and without PLAIN where a
// password must not travel so.
std::string offered_features(std::string_view features, const ClientSecurity &client);

// Whether the packet is our socket manager's question what to offer.
bool is_features_question(const jabberd_packet &packet);

// Whether there is a way to log in among them: SASL, SASL2 or jabber:iq:auth. A server that wants TLS first offers
// none.
bool has_login(std::string_view features);

// Whether the server has XEP-0198.
bool has_stream_management(std::string_view features);

} // namespace jabberd::upstream
