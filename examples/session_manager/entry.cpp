// SPDX-License-Identifier: LGPL-2.1-or-later
// session_manager.so: the embedded session manager behind the component ABI; no exception passes this file.
#include "session_manager/component.h"

#include <jabberd/check.h>

using jabberd::session_manager::Component;

struct jabberd_instance {
    const jabberd_host *host;
    std::unique_ptr<Component> component;
};

namespace {

// Runs a function of the component; when it throws, which only running out of memory or threads should make it, the
// answer is `failed`.
template <typename Result, typename Function>
Result guarded(const jabberd_host *host, Result failed, Function function)
{
    try {
        return function();
    } catch (const std::exception &error) {
        jabberd::session_manager::Log{*host}.error("the session manager failed", {{"REASON", error.what()}});
        return failed;
    }
}

jabberd_result handle(void *data, const jabberd_packet *packet)
{
    auto *instance = static_cast<jabberd_instance *>(data);
    return guarded(instance->host, JABBERD_ERROR, [&] { return instance->component->handle(*packet); });
}

jabberd_instance *create(const jabberd_host *host, const jabberd_config *service)
{
    return guarded(host, static_cast<jabberd_instance *>(nullptr), [&]() -> jabberd_instance * {
        auto instance = std::make_unique<jabberd_instance>(jabberd_instance{host, Component::create(*host, *service)});
        if (!instance->component || !host->register_handler(host, JABBERD_DELIVER, handle, instance.get()))
            return nullptr;
        return instance.release();
    });
}

bool start(jabberd_instance *instance)
{
    return guarded(instance->host, false, [&] { return instance->component->start(); });
}

bool reload(jabberd_instance *instance, const jabberd_config *service)
{
    return guarded(instance->host, false, [&] { return instance->component->reload(*service); });
}

void stop(jabberd_instance *instance, unsigned deadline_ms)
{
    guarded(instance->host, false, [&] { return instance->component->stop(deadline_ms), true; });
}

void destroy(jabberd_instance *instance)
{
    delete instance;
}

void resume(jabberd_instance *instance)
{
    instance->component->resume();
}

void status(jabberd_instance *instance, jabberd_status_sink sink, void *data)
{
    guarded(instance->host, false, [&] { return instance->component->status(sink, data), true; });
}

const void *get_extension(jabberd_instance *, const char *id)
{
    static constexpr jabberd_inspect inspect{sizeof inspect, status, nullptr};
    static constexpr jabberd_check check{sizeof check, [](const jabberd_host *host, const jabberd_config *service) {
                                             return jabberd::session_manager::read_options(*host, *service).has_value();
                                         }};
    if (std::string_view{id} == JABBERD_CHECK)
        return &check;
    return std::string_view{id} == JABBERD_INSPECT ? &inspect : nullptr;
}

constexpr const char *config_namespaces[] = {jabberd::session_manager::options_namespace, nullptr};

} // namespace

JABBERD_COMPONENT("session_manager", SOCKET_MANAGER_VERSION, JABBERD_PARALLEL, config_namespaces, create, start, reload,
                  stop, destroy, resume, get_extension);
