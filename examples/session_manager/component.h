// SPDX-License-Identifier: LGPL-2.1-or-later
// The session manager as one instance: its parts, and its life.
#pragma once

#include "base/metric_writer.h"
#include "session_manager/core/core.h"
#include "session_manager/router.h"

#include <jabberd/commands.h>
#include <jabberd/component.h>
#include <jabberd/inspect.h>

#include <chrono>
#include <memory>
#include <optional>

namespace jabberd::session_manager {

// What create() would say of a configuration and of the database that it names, neither of which it touches
// (include/jabberd/check.h). Nothing after reporting. [main]
std::optional<Options> check(const jabberd_host &host, const jabberd_config &service);

// The functions of jabberd_component, in C++; entry.cpp lets no exception out of them. [main] unless said otherwise.
class Component {
public:
    // Null after reporting why.
    static std::unique_ptr<Component> create(const jabberd_host &host, const jabberd_config &service);

    Component(const jabberd_host &host, const Options &options);

    bool start();
    bool reload(const jabberd_config &service);
    // Ends every session, and waits until all is stored. Packets go on being taken: what comes back unwritten is
    // stored, too.
    void stop(std::chrono::milliseconds deadline);

    jabberd_result handle(const jabberd_packet &packet) { return router_.handle(packet); } // [any-thread]
    void resume() { core_.outlet.resume(); }                                               // [any-thread]
    void status(jabberd_status_sink sink, void *data);
    void metrics(MetricWriter &writer); // component_metrics.cpp

    void list_commands(jabberd_command_sink sink, void *data);
    jabberd_command_result run_command(const jabberd_command_call &call); // [command]
    void complete_command(const jabberd_command_call &call);              // [command]
    void advise(jabberd_advice_sink sink, void *data);

private:
    void forget_passwords_unless_needed();

    Core core_;
    Router router_{core_};
};

} // namespace jabberd::session_manager
