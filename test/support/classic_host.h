// SPDX-License-Identifier: LGPL-2.1-or-later
// A stub_jabberd of one flavour, with a component of the classic ABI, for one test.
#pragma once

#include "support/process.h"
#include "support/script.h"
#include "support/temp_dir.h"

#include <cstdint>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace jabberd::test {

// The programs are found by STUB_JABBERD_1_1 and so on in the environment. The component is "c2s", the session manager
// "localhost".
class ClassicHost {
public:
    enum class Flavour { Jabberd11, Jabberd14, Jabberd16, Jabberd16Of2019 };
    static constexpr Flavour flavours[] = {Flavour::Jabberd11, Flavour::Jabberd14, Flavour::Jabberd16,
                                           Flavour::Jabberd16Of2019};
    static bool has_routes(Flavour flavour) { return flavour != Flavour::Jabberd11; }

    enum class Sessions {
        Simple,  // everybody but "nobody" is known, by the password "secret"
        Scripted // the test is the session manager: sessions()
    };
    struct Settings {
        Flavour flavour = Flavour::Jabberd14;
        std::string component = ""; // a shared object; none: the test is the component, too: sockets()
        Sessions sessions = Sessions::Simple;
        std::string entry = "pthsock_client";
        std::string id = "c2s";         // of its service; in 1.1, where <host/> is the address, it may be any name
        std::string listen = "default"; // in its section; "default": a port of its own on 127.0.0.1
        std::string options = "";       // more of that section
        std::string sections = "";      // more of the configuration, such as <io/>
        std::vector<std::string> before = {}; // a command to run it with, such as valgrind
        bool must_start = true;               // otherwise nothing is waited for: see wait()
        std::string grace = "0.1";            // seconds between SIGTERM and the end
    };
    explicit ClassicHost(
        const Settings &settings); // returns when it is ready; a test failure when it does not get so far
    ~ClassicHost() { stop(); }

    // In order, as SIGTERM does it. A test failure, with its output, when it does not exit with 0: so it is when a
    // packet has leaked, or a rule was broken.
    void stop();
    void kill(); // SIGKILL
    int wait();  // for its end, whatever it comes from: the status, or minus the signal
    void signal(int number) const { process_->signal(number); }

    pid_t pid() const { return process_->pid(); }
    std::string output() const; // standard error: what the component logs, and what it did wrong

    // Asks until it is in output(). False, and a test failure, when it does not come.
    bool wait_for_output(std::string_view text) const;

    // The TCP ports it listens to, lowest first. Asks until there are as many; a test failure when they do not come.
    std::vector<std::uint16_t> ports(std::size_t count = 1) const;
    std::uint16_t port() const;

    Script &sessions() { return *sessions_; }
    Script &sockets() { return *sockets_; }

    // Of a file beside its configuration.
    std::string path(std::string_view name) const { return directory_.path(name); }

private:
    std::string configuration(const Settings &settings) const;

    TempDir directory_;
    std::unique_ptr<Script> sessions_, sockets_; // where the test plays them
    std::unique_ptr<Process> process_;           // while it runs
};

void PrintTo(ClassicHost::Flavour flavour, std::ostream *out); // for GoogleTest

} // namespace jabberd::test
