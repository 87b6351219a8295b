// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/prosody.h"

#include "support/environment.h"
#include "support/linked_host.h"

#include <gtest/gtest.h>

#include <csignal>
#include <utility>
#include <vector>

namespace jabberd::test {

Prosody::Prosody(Settings settings)
    : settings_(std::move(settings)), client_port_(free_port()), component_port_(free_port())
{
    start();
}

Prosody::~Prosody()
{
    if (!process_)
        return;
    process_->signal(SIGTERM);
    process_->wait();
}

void Prosody::start()
{
    const std::string file = directory_.write("prosody.cfg.lua", configuration());
    process_ =
        std::make_unique<Process>(std::vector<std::string>{needed_environment("PROSODY"), "-F", "--config", file});
    ASSERT_TRUE(process_->wait_for(settings_.ready));
}

void Prosody::kill()
{
    process_->signal(SIGKILL);
    process_->wait();
    process_.reset();
}

std::string Prosody::configuration() const
{
    return "run_as_root = true\n"
           "pidfile = '" +
           directory_.path("pid") + "'\ndata_path = '" + directory_.path("data") +
           "'\n"
           "log = { { levels = { min = 'info' }, to = 'console' } }\n"
           "modules_enabled = { 'roster', 'saslauth', 'legacyauth', 'disco', 'register', 'presence', 'message', "
           "'iq', " +
           settings_.modules +
           " }\n"
           "modules_disabled = { 's2s', 'tls' }\n"
           "allow_registration = true\n"
           "c2s_require_encryption = false\n"
           "allow_unencrypted_plain_auth = true\n"
           "authentication = 'internal_plain'\n"
           "interfaces = { '127.0.0.1' }\n"
           "component_interfaces = { '127.0.0.1' }\n"
           "c2s_ports = { " +
           std::to_string(client_port_) + " }\ncomponent_ports = { " + std::to_string(component_port_) + " }\n" +
           settings_.more + "\n" + settings_.hosts + "\n";
}

} // namespace jabberd::test
