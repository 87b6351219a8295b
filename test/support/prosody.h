// SPDX-License-Identifier: LGPL-2.1-or-later
// Prosody as a process, with its data in a directory of its own.
#pragma once

#include "support/process.h"
#include "support/temp_dir.h"

#include <cstdint>
#include <memory>
#include <string>

namespace jabberd::test {

// PROSODY names the program; where it is not installed the test is skipped before.
class Prosody {
public:
    struct Settings {
        std::string modules = ""; // beside those for accounts, rosters and messages: "'smacks', 'csi'"
        std::string hosts = "";   // VirtualHost and Component sections, in its configuration's language
        std::string more = "";    // other lines
        std::string ready = "Activated service 'c2s' on [127.0.0.1]"; // what it says when it is
    };
    explicit Prosody(Settings settings);
    ~Prosody();

    void start();
    void kill(); // as by a power cut of the process
    pid_t pid() const { return process_->pid(); }

    std::uint16_t client_port() const { return client_port_; }
    std::uint16_t component_port() const { return component_port_; }

private:
    std::string configuration() const;

    TempDir directory_;
    const Settings settings_;
    const std::uint16_t client_port_, component_port_;
    std::unique_ptr<Process> process_;
};

} // namespace jabberd::test
