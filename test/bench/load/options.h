// SPDX-License-Identifier: LGPL-2.1-or-later
// The command line of the load generator.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace jabberd::bench {

enum class Sasl { None, Plain, Scram };

struct Options {
    bool relay = false;     // the yardstick instead of an XMPP server
    bool tls = false;       // the port is for nothing but TLS
    bool websocket = false; // the stream is in its messages (RFC 7395)
    Sasl sasl = Sasl::None; // accounts load0, load1, … with the password secret are there
    bool managed = false;   // what arrives is acknowledged (XEP-0198)
    std::uint16_t port = 0;
    std::vector<pid_t> servers; // all processes of one, whose use of the machine is added up
    std::string host = "localhost";
    unsigned addresses = 1; // clients come from 127.0.0.1, 127.0.0.2 and so on, in turns

    unsigned pairs = 200;
    unsigned window = 10; // messages on their way, in each pair
    unsigned bytes = 200; // of a message's body
    unsigned messages = 200000;
    unsigned rate = 0; // messages in a second, of all pairs together; 0: as many as there are answers
    bool one_by_one =
        false; // a write for each message, as most clients do; otherwise answers to what came together go together

    unsigned idle_from = 0, idle_to = 0; // with idle_to: clients that log in and say nothing, instead of pairs
    std::chrono::seconds quiet{0};       // how long to watch them
    bool asked = false;                  // what to do stands on standard input (requests.h)
};

// Nothing after explaining on standard error what is wrong.
std::optional<Options> parse_options(int argc, char **argv);

} // namespace jabberd::bench
