// SPDX-License-Identifier: LGPL-2.1-or-later
// All services of a configuration, loaded, started and stopped together.
#pragma once

#include "host/config/configuration.h"
#include "host/loaded_service.h"
#include "host/routing/router.h"
#include "host/swap/outcome.h"

#include <chrono>
#include <list>
#include <memory>
#include <string_view>

namespace jabberd::host {

// [main] The order of life: load, create, start, reload…, stop, destroy. Nothing half-starts: what fails leaves no
// component running.
class Host {
public:
    explicit Host(Trace &trace, Beyond *beyond = nullptr) : router_(trace, beyond) {}
    ~Host() { destroy(); }
    Host(const Host &) = delete;
    Host &operator=(const Host &) = delete;

    // Loads every component, running nothing of it but its constructors. Afterwards mistakes.fatal() says whether to go
    // on.
    void load(Configuration configuration, Mistakes &mistakes);

    // Says what create() would of the sections of components, and acquires nothing. The ids of the services whose
    // components cannot be asked.
    std::vector<std::string> check(Mistakes &mistakes);

    // Creates every instance, so that all mistakes are seen; in the order of the configuration.
    void create(Mistakes &mistakes);

    // False after the log said which component could not start; those that could have been stopped again.
    bool start();

    // Takes over what can be changed in a running host, and reports the rest as needing a restart. A configuration with
    // mistakes changes nothing. A service whose <load> names another file, or whose file was replaced, is swapped.
    void reload(const Configuration &configuration, Mistakes &mistakes);

    // Puts the component in `file` in the place of the one that runs as `service`, which then has the configuration
    // that is given: the one that is in the file now. With mistakes in it nothing is swapped. What the new one reports
    // is in `mistakes`, too.
    SwapOutcome swap(std::string_view service, const std::filesystem::path &file, const Configuration &configuration,
                     Mistakes &mistakes);

    // Stops all in reverse order; all of them together have `drain`.
    void stop(std::chrono::milliseconds drain);
    void destroy();

    // [any-thread] As from the host itself.
    void route(const jabberd_packet &packet) { router_.route(nullptr, packet); }

    // [any-thread] "jabberd-host", or what is beyond.
    const char *name() const { return router_.host_name(); }

    // [any-thread] What is beyond (routing/beyond.h) takes packets again.
    void beyond_is_ready() { router_.beyond_is_ready(); }

    // The image at this address stays in memory whatever is unloaded: the program around this host has loaded it, too.
    void expect_to_stay(const void *address) { staying_ = image_at(address).value_or(ImageId{}); }

    const std::list<LoadedService> &services() const { return services_; }
    Service *service(std::string_view id); // null: there is none

    // Components that were unloaded, and are still in memory.
    std::uint64_t images_left() const { return images_left_; }

    std::uint64_t unroutable() const { return router_.unroutable(); } // packets
    const Settings &settings() const { return configuration_.settings; }

private:
    void load_service(const ServiceConfig &config, Mistakes &mistakes);
    void reload_service(LoadedService &loaded, const Configuration &configuration, const ServiceConfig &wanted,
                        Mistakes &mistakes);
    void reload_by_swap(LoadedService &loaded, const Configuration &configuration, const ServiceConfig &wanted,
                        Mistakes &mistakes);
    SwapOutcome exchange(LoadedService &loaded, std::unique_ptr<ComponentLibrary> library, const ServiceConfig &wanted,
                         std::shared_ptr<const ConfigTree> tree, Mistakes &mistakes);
    SwapOutcome swap_service(LoadedService &loaded, const std::filesystem::path &file,
                             const Configuration &configuration, Mistakes &mistakes);
    enum class Component { AsConfigured, Any };
    SwapOutcome open_and_exchange(LoadedService &loaded, const std::filesystem::path &file,
                                  const Configuration &configuration, const ServiceConfig &wanted, Component component,
                                  Mistakes &mistakes);
    void leave(std::unique_ptr<ComponentLibrary> library, std::shared_ptr<const ConfigTree> tree);
    void unload(std::unique_ptr<ComponentLibrary> library);

    Router router_;
    Configuration configuration_;
    std::list<LoadedService> services_; // a list, because a Service stays where it is
    std::size_t started_ = 0;           // the first so many of them
    std::uint64_t images_left_ = 0;
    ImageId staying_;
};

} // namespace jabberd::host
