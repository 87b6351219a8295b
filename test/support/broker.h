// SPDX-License-Identifier: LGPL-2.1-or-later
// A real nats-server.
#pragma once

#include "support/process.h"
#include "support/temp_dir.h"

#include <csignal>
#include <cstdint>
#include <memory>
#include <string>

namespace jabberd::test {

// On 127.0.0.1, at a port that it keeps; for one user. Found by NATS_SERVER in the environment.
class Broker {
public:
    static bool available();

    Broker();                           // starts it
    explicit Broker(const Broker &hub); // as a leaf node of another one
    ~Broker();

    void start();
    void kill(); // as by a power cut of the process
    void hang() const { process_->signal(SIGSTOP); }
    void go_on() const { process_->signal(SIGCONT); }

    static constexpr const char *user = "link", *password = "only for this test";
    std::string url() const { return "nats://127.0.0.1:" + std::to_string(port_); }
    // Content of <link/>.
    std::string section(const std::string &tried = password) const;

private:
    explicit Broker(const std::string &leaf_nodes);

    const std::uint16_t port_, leaf_port_;
    TempDir directory_;
    std::string config_;
    std::unique_ptr<Process> process_; // while it runs
};

} // namespace jabberd::test
