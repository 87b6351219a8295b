// SPDX-License-Identifier: LGPL-2.1-or-later
// All services of a configuration, loaded, started and stopped together.
#pragma once

#include "component/library.h"
#include "config/configuration.h"
#include "routing/router.h"
#include "routing/service.h"

#include <chrono>
#include <list>
#include <memory>

namespace jabberd::host {

// One <service/> with its component. The library outlives the service, whose code it is.
struct LoadedService {
    LoadedService(const ServiceConfig &its_config, std::unique_ptr<ComponentLibrary> its_library, Router &router);

    const ServiceConfig config;
    const std::unique_ptr<ComponentLibrary> library;
    Service service;
    const std::chrono::system_clock::time_point since = std::chrono::system_clock::now();
};

// [main] The order of life: load, create, start, reload…, stop, destroy. Nothing half-starts: what fails leaves no
// component running.
class Host {
public:
    explicit Host(Trace &trace) : router_(trace) {}
    ~Host() { destroy(); }
    Host(const Host &) = delete;
    Host &operator=(const Host &) = delete;

    // Loads every component, running nothing of it but its constructors. Afterwards mistakes.fatal() says whether to go
    // on.
    void load(Configuration configuration, Mistakes &mistakes);

    // Creates every instance, so that all mistakes are seen; in the order of the configuration.
    void create(Mistakes &mistakes);

    // False after the log said which component could not start; those that could have been stopped again.
    bool start();

    // Takes over what can be changed in a running host, and reports the rest as needing a restart. A configuration with
    // mistakes changes nothing.
    void reload(Configuration configuration, Mistakes &mistakes);

    // Stops all in reverse order; all of them together have `drain`.
    void stop(std::chrono::milliseconds drain);
    void destroy();

    const std::list<LoadedService> &services() const { return services_; }
    const Settings &settings() const { return configuration_.settings; }

private:
    void load_service(const ServiceConfig &config, Mistakes &mistakes);
    static void reload_service(LoadedService &loaded, const ServiceConfig &wanted, Mistakes &mistakes);

    Router router_;
    Configuration configuration_;
    std::list<LoadedService> services_; // a list, because a Service stays where it is
    std::size_t started_ = 0;           // the first so many of them
};

} // namespace jabberd::host
