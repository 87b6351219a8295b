// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/client_program.h"

#include "support/environment.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <sstream>

namespace jabberd::test {

namespace {

std::string certificate_of(const RunningHost &host)
{
    return host.path("localhost.pem");
}

} // namespace

std::vector<std::string> client_command(const std::string &client)
{
    std::istringstream words{environment("TLS_CLIENTS")};
    for (std::string word; words >> word;) {
        if (!word.starts_with(client + "="))
            continue;
        std::vector<std::string> command;
        std::istringstream parts{word.substr(client.size() + 1)};
        for (std::string part; std::getline(parts, part, ',');)
            command.push_back(part);
        return command;
    }
    return {};
}

Process start_client(const ClientServer &server, const std::string &client, const ClientLogin &login)
{
    // Node takes what it trusts from the environment.
    std::vector<std::string> command{"env", "NODE_EXTRA_CA_CERTS=" + server.certificate};
    for (const std::string &word : client_command(client))
        command.push_back(word);
    const auto port = login.transport != "starttls" ? server.direct_tls_port : server.port;
    for (const std::string &word : {std::to_string(port), std::string{"localhost"}, login.name, std::string{"home"},
                                    login.password, login.transport, login.mechanism, server.certificate})
        command.push_back(word);
    if (login.registers)
        command.push_back("register");
    return Process{command};
}

Process start_client(const RunningHost &host, const std::string &client, const ClientLogin &login)
{
    return start_client(ClientServer{host.port(), host.direct_tls_port(), certificate_of(host)}, client, login);
}

void register_accounts(const RunningHost &host, const std::vector<std::string> &names)
{
    std::vector<std::string> command{environment("PYTHON"), environment("WHOLE_SERVER"), "register",
                                     std::to_string(host.port()), certificate_of(host)};
    command.insert(command.end(), names.begin(), names.end());
    const Result result = run(command);
    ASSERT_EQ(result.status, 0) << result.output;
}

} // namespace jabberd::test
