// SPDX-License-Identifier: LGPL-2.1-or-later
// A real jabberd-host of a cluster: with a link to others, and a socket manager or a session manager.
#pragma once

#include "support/process.h"
#include "support/temp_dir.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace jabberd::test {

// A port of 127.0.0.1 that nobody listens at.
std::uint16_t free_port();

// Found by JABBERD_HOST, JABBERD_CTL, SOCKET_MANAGER, SESSION_MANAGER and LINK in the environment.
class LinkedHost {
public:
    enum class Role { Sockets, Sessions };
    struct Settings {
        Role role = Role::Sockets;
        std::string name;                 // of its process
        std::string link;                 // content of <link/> beside <name/>
        std::string domain = "localhost"; // of a session manager
    };
    explicit LinkedHost(const Settings &settings); // starts it
    ~LinkedHost() { stop(); }

    void start();
    void kill(); // as by a power cut of the process
    void stop(); // in order; a test failure when that does not end with 0

    std::uint16_t port() const { return port_; } // for clients
    pid_t pid() const { return process_->pid(); }
    std::string path(std::string_view name) const { return directory_.path(name); }
    std::string log() const;
    bool wait_for_log(const std::string &part, unsigned times = 1) const; // of log_file.h

    Result ctl(const std::vector<std::string> &arguments) const;
    std::vector<std::string> ctl_command(const std::vector<std::string> &arguments) const; // for one that goes on
    // Until `jabberd-ctl status` has such a part. A test failure when it does not become so.
    bool wait_for_status(const std::string &part) const;

private:
    TempDir directory_;
    std::string config_;
    std::unique_ptr<Process> process_; // while it runs
    std::uint16_t port_ = 0;
};

} // namespace jabberd::test
