// SPDX-License-Identifier: LGPL-2.1-or-later
// The functions of the component ABI (include/jabberd/component.h) for a class of C++.
#pragma once

#include "base/metric_writer.h"
#include "base/view.h"

#include <jabberd/check.h>
#include <jabberd/commands.h>
#include <jabberd/component.h>
#include <jabberd/domains.h>
#include <jabberd/handover.h>
#include <jabberd/inspect.h>
#include <jabberd/metrics.h>
#include <jabberd/routes.h>

#include <chrono>
#include <exception>
#include <memory>
#include <string>
#include <string_view>

namespace jabberd {

// No exception passes them: when the component throws, which only running out of memory or threads should make it, that
// is logged, and the answer is that it could not. Component::create() returns null after reporting why; the other
// functions are called as those of the ABI. An extension is there for who asks for it by its name here.
template <typename Component>
class ComponentEntry {
public:
    static jabberd_instance *create(const jabberd_host *host, const jabberd_config *service)
    {
        return guarded(host, static_cast<jabberd_instance *>(nullptr), [&]() -> jabberd_instance * {
            auto instance = std::make_unique<Instance>(Instance{host, Component::create(*host, *service)});
            if (!instance->component || !host->register_handler(host, JABBERD_DELIVER, handle, instance.get()))
                return nullptr;
            return reinterpret_cast<jabberd_instance *>(instance.release());
        });
    }
    static bool start(jabberd_instance *instance)
    {
        return ask(instance, false, [](Component &component) { return component.start(); });
    }
    static bool reload(jabberd_instance *instance, const jabberd_config *service)
    {
        return ask(instance, false, [&](Component &component) { return component.reload(*service); });
    }
    static void stop(jabberd_instance *instance, unsigned deadline_ms)
    {
        tell(instance, [&](Component &component) { component.stop(std::chrono::milliseconds{deadline_ms}); });
    }
    static void destroy(jabberd_instance *instance) { delete reinterpret_cast<Instance *>(instance); }
    static void resume(jabberd_instance *instance)
    {
        tell(instance, [](Component &component) { component.resume(); });
    }

    static const jabberd_inspect *inspect()
    {
        static constexpr jabberd_inspect functions{
            sizeof functions,
            [](jabberd_instance *instance, jabberd_status_sink sink, void *data) {
                tell(instance, [&](Component &component) { component.status(sink, data); });
            },
            nullptr};
        return &functions;
    }

    static const jabberd_metrics *metrics()
    {
        static constexpr jabberd_metrics functions{sizeof functions,
                                                   [](jabberd_instance *instance, const jabberd_metric_sink *sink) {
                                                       tell(instance, [&](Component &component) {
                                                           MetricWriter writer{*sink};
                                                           component.metrics(writer);
                                                       });
                                                   }};
        return &functions;
    }

    // read(host, service): what it says, or nothing after reporting.
    template <auto read>
    static const jabberd_check *check()
    {
        static constexpr jabberd_check functions{
            sizeof functions, [](const jabberd_host *host, const jabberd_config *service) {
                return guarded(host, false, [&] { return read(*host, *service).has_value(); });
            }};
        return &functions;
    }

    static const jabberd_commands *commands()
    {
        static constexpr jabberd_commands functions{
            sizeof functions,
            [](jabberd_instance *instance, jabberd_command_sink sink, void *data) {
                tell(instance, [&](Component &component) { component.list_commands(sink, data); });
            },
            [](jabberd_instance *instance, const jabberd_command_call *call) {
                return ask(instance, JABBERD_COMMAND_FAILED,
                           [&](Component &component) { return component.run_command(*call); });
            },
            [](jabberd_instance *instance, const jabberd_command_call *call) {
                tell(instance, [&](Component &component) { component.complete_command(*call); });
            },
            [](jabberd_instance *instance, jabberd_advice_sink sink, void *data) {
                tell(instance, [&](Component &component) { component.advise(sink, data); });
            }};
        return &functions;
    }

    // Of a component that does; JABBERD_OWNS_SESSIONS has no functions.
    static const void *owns_sessions()
    {
        static constexpr char there = '\0';
        return &there;
    }

    static const jabberd_handover *handover()
    {
        static constexpr jabberd_handover functions{
            sizeof functions,
            [](jabberd_instance *instance, unsigned) {
                return ask(instance, static_cast<const jabberd_snapshot *>(nullptr),
                           [](Component &component) { return component.freeze(); });
            },
            [](jabberd_instance *instance, const jabberd_snapshot *snapshot) {
                return ask(instance, false, [&](Component &component) { return component.thaw(*snapshot); });
            },
            [](jabberd_instance *instance) { tell(instance, [](Component &component) { component.commit(); }); }};
        return &functions;
    }

    static const jabberd_destinations *destinations()
    {
        static constexpr jabberd_destinations functions{
            sizeof functions,
            [](jabberd_instance *instance, jabberd_view name) {
                tell(instance, [&](Component &component) { component.resume(text(name)); });
            },
            [](jabberd_instance *instance) {
                if constexpr (requires(Component & component) { component.names_changed(); })
                    tell(instance, [](Component &component) { component.names_changed(); });
            },
            [](jabberd_instance *instance, const jabberd_packet *packet, bool arrives, jabberd_name_sink sink,
               void *data) {
                tell(instance, [&](Component &component) {
                    if (const std::string peer = component.peer_of(*packet, arrives); !peer.empty())
                        sink(data, view(peer));
                });
            }};
        return &functions;
    }

private:
    struct Instance {
        const jabberd_host *host;
        std::unique_ptr<Component> component;
    };

    template <typename Result, typename Function>
    static Result guarded(const jabberd_host *host, Result failed, const Function &function)
    {
        try {
            return function();
        } catch (const std::exception &error) {
            const jabberd_log_field reason{"REASON", view(error.what())};
            const jabberd_log_record record{sizeof record, JABBERD_LOG_ERROR, view("the component has failed"), &reason,
                                            1};
            host->log(host, &record);
            return failed;
        }
    }
    template <typename Result, typename Function>
    static Result ask(jabberd_instance *opaque, Result failed, const Function &function)
    {
        const auto *instance = reinterpret_cast<const Instance *>(opaque);
        return guarded(instance->host, failed, [&] { return function(*instance->component); });
    }
    template <typename Function>
    static void tell(jabberd_instance *instance, const Function &function)
    {
        ask(instance, true, [&](Component &component) {
            function(component);
            return true;
        });
    }

    static jabberd_result handle(void *data, const jabberd_packet *packet)
    {
        const auto *instance = static_cast<const Instance *>(data);
        return guarded(instance->host, JABBERD_ERROR, [&] { return instance->component->handle(*packet); });
    }
};

} // namespace jabberd
