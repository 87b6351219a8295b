// SPDX-License-Identifier: LGPL-2.1-or-later
// The C ABI of the component: the only extern "C" here, and the border no exception crosses.
#include "component.h"

#include "base/metric_writer.h"
#include "base/view.h"
#include "config/options.h"

#include <jabberd/check.h>
#include <jabberd/component.h>
#include <jabberd/handover.h>
#include <jabberd/inspect.h>
#include <jabberd/metrics.h>
#include <jabberd/routes.h>

#include <libxml/parser.h>

#include <exception>

namespace {

using jabberd::Component;

Component &component_of(jabberd_instance *instance)
{
    return *reinterpret_cast<Component *>(instance);
}

jabberd_result receive(void *data, const jabberd_packet *packet)
{
    return static_cast<Component *>(data)->receive(*packet);
}

jabberd_instance *create(const jabberd_host *host, const jabberd_config *service)
try {
    xmlInitParser(); // before several threads make their first parser at once
    auto component = Component::create(*host, *service);
    if (component == nullptr || !host->register_handler(host, JABBERD_DELIVER, receive, component.get()))
        return nullptr;
    return reinterpret_cast<jabberd_instance *>(component.release());
} catch (const std::exception &problem) {
    host->report(host, service, JABBERD_LOG_ERROR, problem.what());
    return nullptr;
}

bool start(jabberd_instance *instance)
{
    return component_of(instance).start();
}

bool reload(jabberd_instance *instance, const jabberd_config *service)
{
    return component_of(instance).reload(*service);
}

void stop(jabberd_instance *instance, unsigned deadline_ms)
{
    component_of(instance).stop(std::chrono::milliseconds{deadline_ms});
}

void destroy(jabberd_instance *instance)
{
    delete &component_of(instance);
}

void resume(jabberd_instance *instance)
{
    component_of(instance).resume();
}

const jabberd_destinations destinations = {
    sizeof(jabberd_destinations),
    [](jabberd_instance *instance, jabberd_view name) { component_of(instance).resume(jabberd::text(name)); },
    nullptr, // sessions are the host's to find
    nullptr, // a client is in the packet
};

const jabberd_inspect inspect = {
    sizeof(jabberd_inspect),
    [](jabberd_instance *instance, jabberd_status_sink sink, void *data) { component_of(instance).status(sink, data); },
    [](jabberd_instance *instance, jabberd_session_sink sink, void *data) {
        component_of(instance).sessions(sink, data);
    },
};

const jabberd_metrics metrics = {
    sizeof(jabberd_metrics),
    [](jabberd_instance *instance, const jabberd_metric_sink *sink) {
        jabberd::MetricWriter writer{*sink};
        component_of(instance).metrics(writer);
    },
};

const jabberd_handover handover = {
    sizeof(jabberd_handover),
    [](jabberd_instance *instance, unsigned) { return component_of(instance).freeze(); }, // our threads never block
    [](jabberd_instance *instance, const jabberd_snapshot *snapshot) { return component_of(instance).thaw(*snapshot); },
    [](jabberd_instance *instance) { component_of(instance).commit(); },
};

const jabberd_check check = {
    sizeof(jabberd_check),
    [](const jabberd_host *host, const jabberd_config *service) {
        try {
            return Component::check(*host, *service);
        } catch (const std::exception &problem) {
            host->report(host, service, JABBERD_LOG_ERROR, problem.what());
            return false;
        }
    },
};

const void *get_extension(jabberd_instance *, const char *id)
{
    if (std::string_view{id} == JABBERD_CHECK)
        return &check;
    if (std::string_view{id} == JABBERD_INSPECT)
        return &inspect;
    if (std::string_view{id} == JABBERD_METRICS)
        return &metrics;
    if (std::string_view{id} == JABBERD_DESTINATIONS)
        return &destinations;
    return std::string_view{id} == JABBERD_HANDOVER ? &handover : nullptr;
}

const char *const config_namespaces[] = {jabberd::config::own_section, jabberd::config::section_1_1,
                                         jabberd::config::section_1_4, nullptr};

} // namespace

JABBERD_COMPONENT("socket_manager", SOCKET_MANAGER_VERSION, JABBERD_PARALLEL, config_namespaces, create, start, reload,
                  stop, destroy, resume, get_extension);
