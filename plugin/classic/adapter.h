// SPDX-License-Identifier: LGPL-2.1-or-later
// A native host inside a classic one: the component is loaded, routed to and swapped by plugin/host/, as everywhere;
// its packets for all other components leave through a dialect and a Pth thread.
#pragma once

#include "classic/functions.h"
#include "classic/intake.h"
#include "classic/login_records.h"
#include "classic/pump.h"
#include "dialect/dialect.h"
#include "host/control/host_commands.h"
#include "host/control/server.h"
#include "host/host.h"
#include "host/log/log.h"
#include "host/routing/beyond.h"
#include "host/trace/trace.h"

#include <glib.h>

#include <atomic>
#include <filesystem>
#include <future>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include <vector>

namespace jabberd::classic {

// The threads: Pth's, which is the host's own kernel thread and the only one to call jabberd's functions; [main] of the
// component ABI, with GLib's main loop, which the control socket needs; the intake's; and whatever the component has.
//
// It stays for good. What a swap replaces is the component behind it.
class Adapter final : private host::Beyond,
                      private host::log::Sink,
                      private host::HostCommands,
                      private dialect::Outlet {
public:
    // [Pth] All is borrowed for good; `file` is the shared object that we are.
    Adapter(const Functions &functions, Instance &instance, std::filesystem::path file);
    ~Adapter();

    // [Pth, while loading] A host whose configuration has mistakes goes on without us, after it was logged why.
    void load();

    // [Pth] Reads its configuration anew, soon.
    void reload_soon();

    // [Pth, at the end of the process] May be called again. Afterwards no thread of ours runs. A host that is gone, and
    // its instance, is not touched any more.
    enum class HostIs { Alive, Gone };
    void end(HostIs host_is);

private:
    // [Pth] The handler of jabberd. On 64 KB of stack, and perhaps inside a deliver() of our own; the host's
    // frames around it know no exceptions.
    static Result receive(Instance *instance, Packet *packet, void *self) noexcept;

    const char *name() const override { return name_.c_str(); }
    jabberd_result take(const jabberd_packet &packet) override; // of the component, for the host
    void write(jabberd_log_level level, std::string_view line,  // of the log
               std::span<const jabberd_log_field> fields) override;
    void to_host(std::string element) override;
    void to_component(const jabberd_packet &packet) override;
    void dropped(std::string_view name, std::string_view from, std::string_view to, std::string_view why) override;
    void sent_back(std::string_view name, std::string_view session, std::string_view connection) override;
    void login_ended(const dialect::LoginEnd &login) override;
    void on_element(const std::string &element, Intake::Origin origin); // on the intake's thread

    // The control socket's.
    host::Host &hosted() override { return host_; }
    host::Configuration configuration_now(host::Mistakes &mistakes) override;
    void reload_host(host::Mistakes &mistakes) override;
    void stop() override; // the whole jabberd

    // On [main].
    void run(host::Configuration configuration, host::Mistakes mistakes);
    bool prepare(host::Configuration configuration, host::Mistakes &mistakes);
    void start_component();

    // [Pth] What the host's log has our lines under; "": under its own name.
    std::string log_address(const host::Configuration &configuration) const;

    const Functions &functions_;
    Instance &instance_;
    const std::filesystem::path file_;
    const std::string name_;  // "jabberd 1.4"
    const std::string xmlns_; // of stanzas in the host; "": it has none
    const std::unique_ptr<dialect::Dialect> dialect_;

    host::Trace trace_;
    host::Host host_;
    host::ControlServer control_;
    GMainLoop *const loop_;
    Pump pump_;
    Intake intake_;
    LoginRecords records_;
    std::vector<std::string> names_; // that packets for us are addressed to
    std::promise<bool> prepared_;
    bool is_prepared_ = false; // Pth's
    std::atomic<bool> ended_{false};
    std::thread main_;
};

} // namespace jabberd::classic
