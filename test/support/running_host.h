// SPDX-License-Identifier: LGPL-2.1-or-later
// The real jabberd-host with the real socket manager and session manager, for one test or several.
#pragma once

#include "support/process.h"
#include "support/temp_dir.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace jabberd::test {

// Found by JABBERD_HOST, JABBERD_CTL, SOCKET_MANAGER and SESSION_MANAGER in the environment. Serves "localhost" on a
// port of its own; anyone may register.
class RunningHost {
public:
    struct Settings {
        bool digest = false;
        // Where it is not "": the section of an upstream.so, in place of a session manager.
        std::string upstream = "";
        std::string sessions = ""; // more of the session manager's section
        std::string sockets = "";  // more of the socket manager's section
        std::string services = ""; // more of them
        std::string before = "";   // commands of the shell that becomes the host; "$2" is the file of its log
    };
    explicit RunningHost(
        const Settings &settings); // returns when it is ready; a test failure when it does not get so far
    ~RunningHost() { stop(); }

    // It ends at once, as by a power cut of the process; start() then goes on where it was, on another port.
    void pull_the_plug();
    void start();

    // In order, as SIGTERM does it. A test failure, with its log, when it does not exit with 0: so it is when a
    // sanitizer has something to say.
    void stop();

    std::uint16_t port() const { return port_; }
    std::uint16_t direct_tls_port() const { return direct_tls_port_; } // 0 when `sockets` has no such listener
    pid_t pid() const { return process_->pid(); }
    std::size_t open_files() const;

    // Of a file beside its configuration.
    std::string path(std::string_view name) const { return directory_.path(name); }

    std::vector<std::string> ctl(const std::vector<std::string> &arguments) const; // the command, to be run

    // A counter of the socket manager, as `jabberd-ctl status` tells it.
    std::uint64_t counter(std::string_view name) const;

    // Asks until it is so. False, and a test failure, when it does not become so.
    bool wait_for_counter(std::string_view name, std::uint64_t value) const;

private:
    TempDir directory_;
    const std::string before_; // of the shell that starts it
    std::string config_;
    std::unique_ptr<Process> process_; // while it runs
    std::uint16_t port_ = 0, direct_tls_port_ = 0;
};

} // namespace jabberd::test
