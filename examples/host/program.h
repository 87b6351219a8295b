// SPDX-License-Identifier: LGPL-2.1-or-later
// jabberd-host from its first message to its exit status.
#pragma once

#include "host/control/host_commands.h"
#include "host/control/server.h"
#include "host/host.h"
#include "host/trace/trace.h"
#include "metrics/listener.h"
#include "options.h"

#include <glib.h>
#include <signal.h>

#include <chrono>
#include <memory>

namespace jabberd::host {

class Program final : private HostCommands {
public:
    explicit Program(Options options);
    ~Program();
    Program(const Program &) = delete;
    Program &operator=(const Program &) = delete;

    // The exit status: 0 after an orderly stop or a clean --check.
    int run();

private:
    Host &hosted() override { return *host_; }
    Configuration configuration_now(Mistakes &mistakes) override;
    void reload_host(Mistakes &mistakes) override;
    void stop() override;

    bool prepare();
    bool become_another_user(const Settings &settings); // false after it was logged why not
    int serve();
    void watch_signals();
    void watch_stop_signals();
    void reopen_if_there_is_a_file();
    void end(sighandler_t next);
    void apply(const Settings &settings, Mistakes &mistakes);
    std::string control_path() const;
    std::chrono::seconds drain() const;

    const Options options_;
    Trace trace_;
    GMainLoop *loop_;
    // The host is destroyed before the server, whose end tells `jabberd-ctl stop` that the host has gone.
    ControlServer control_;
    MetricsListener metrics_;
    std::unique_ptr<Host> host_;
    std::vector<guint> stop_signals_;
    std::string user_;      // that was asked for at the start; "": none
    std::string unchecked_; // the services that --check could not ask, for its last line
};

} // namespace jabberd::host
