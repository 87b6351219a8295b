// SPDX-License-Identifier: LGPL-2.1-or-later
// Other people's clients with TLS, each by the program that integration/clients/shell.h tells of.
#pragma once

#include "support/running_host.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace jabberd::test {

// The command that starts a client, from TLS_CLIENTS in the environment: "name=word,word" words. Empty when the client
// is not installed.
std::vector<std::string> client_command(const std::string &client);

struct ClientLogin {
    std::string name, password = "secret";
    std::string transport = "starttls"; // or "direct", or "websocket", on the same port
    std::string mechanism = "any";
    bool registers = false; // makes the account first
};

// A server of "localhost", as its clients find it.
struct ClientServer {
    std::uint16_t port = 0, direct_tls_port = 0;
    std::string certificate; // the file of the one that they are to trust
};

// It says "ready", "refused" and so on. A RunningHost has its certificate in localhost.pem.
Process start_client(const ClientServer &server, const std::string &client, const ClientLogin &login);
Process start_client(const RunningHost &host, const std::string &client, const ClientLogin &login);

// Makes accounts with the password "secret". A test failure when one is refused.
void register_accounts(const RunningHost &host, const std::vector<std::string> &names);

} // namespace jabberd::test
