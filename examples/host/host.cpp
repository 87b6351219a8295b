// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host.h"

#include "config/service_reader.h"
#include "log/log.h"

#include <algorithm>
#include <iterator>

namespace jabberd::host {

namespace {

// The first place that has the file; the first of all, when none has it, for the error message.
std::filesystem::path locate(const ServiceConfig &service)
{
    std::error_code ignored;
    const auto found = std::find_if(service.files.begin(), service.files.end(),
                                    [&](const auto &file) { return std::filesystem::exists(file, ignored); });
    return found == service.files.end() ? service.files.front() : *found;
}

std::string also_tried(const ServiceConfig &service)
{
    return service.files.size() > 1 ? "; " + service.files.back().string() + " was tried as well" : "";
}

const ServiceConfig *find_service(const std::vector<ServiceConfig> &services, const std::string &id)
{
    const auto found =
        std::find_if(services.begin(), services.end(), [&](const ServiceConfig &service) { return service.id == id; });
    return found == services.end() ? nullptr : &*found;
}

// What of a service is fixed while the host runs.
void warn_about_fixed(const ServiceConfig &now, const ServiceConfig &wanted, Mistakes &mistakes)
{
    if (now.component != wanted.component || now.files != wanted.files)
        mistakes.warning(*wanted.load,
                         "another component for service '" + now.id + "' takes effect after a restart, ignoring");
    if (now.names != wanted.names)
        mistakes.warning(*wanted.element,
                         "other host names for service '" + now.id + "' take effect after a restart, ignoring");
}

} // namespace

LoadedService::LoadedService(const ServiceConfig &its_config, std::unique_ptr<ComponentLibrary> its_library,
                             Router &router)
    : config(its_config)
    , library(std::move(its_library))
    , service(config.id, config.names, library->component(), router)
{
}

void Host::load(Configuration configuration, Mistakes &mistakes)
{
    configuration_ = std::move(configuration);
    for (const ServiceConfig &config : configuration_.services)
        load_service(config, mistakes);
}

void Host::load_service(const ServiceConfig &config, Mistakes &mistakes)
{
    const std::filesystem::path file = locate(config);
    std::error_code ignored;
    if (!std::filesystem::exists(file, ignored))
        return mistakes.error(*config.load, "there is no file " + file.string() + also_tried(config) +
                                                "; <load> takes the path of a component");
    std::string why;
    auto library = ComponentLibrary::open(file, why);
    if (!library)
        return mistakes.error(*config.load, why);
    if (library->identity().name != config.component)
        return mistakes.error(*config.load, file.string() + " is the component '" + library->identity().name +
                                                "', not '" + config.component + "'; write <" +
                                                library->identity().name + "> around it, or another file");
    warn_about_unread_sections(config, library->component().config_namespaces, mistakes);
    router_.add(services_.emplace_back(config, std::move(library), router_).service);
}

void Host::create(Mistakes &mistakes)
{
    for (LoadedService &loaded : services_) {
        const std::size_t before = mistakes.all().size();
        if (!loaded.service.create(*loaded.config.element, mistakes) && mistakes.all().size() == before)
            mistakes.error(*loaded.config.element,
                           "service '" + loaded.config.id + "' could not be created; its log above says why");
    }
}

bool Host::start()
{
    for (LoadedService &loaded : services_) {
        if (!loaded.service.start()) {
            log::write(JABBERD_LOG_ERROR, loaded.config.id, "could not be started; stopping");
            return false;
        }
        ++started_;
    }
    return true;
}

void Host::reload_service(LoadedService &loaded, const ServiceConfig &wanted, Mistakes &mistakes)
{
    warn_about_fixed(loaded.config, wanted, mistakes);
    warn_about_unread_sections(wanted, loaded.library->component().config_namespaces, mistakes);
    if (!loaded.service.can_reload()) {
        if (!same_configuration(*loaded.config.element, *wanted.element))
            mistakes.warning(*wanted.element,
                             "component " + loaded.config.component +
                                 " cannot be reloaded; the changes take effect after a restart, ignoring");
        return;
    }
    const std::size_t before = mistakes.all().size();
    if (!loaded.service.reload(*wanted.element, mistakes) && mistakes.all().size() == before)
        mistakes.error(*wanted.element,
                       "service '" + loaded.config.id + "' could not be reloaded; its log above says why");
}

void Host::reload(Configuration configuration, Mistakes &mistakes)
{
    if (mistakes.fatal())
        return;
    for (const ServiceConfig &wanted : configuration.services) {
        if (find_service(configuration_.services, wanted.id) == nullptr)
            mistakes.warning(*wanted.element,
                             "the new service '" + wanted.id + "' takes effect after a restart, ignoring");
    }
    for (LoadedService &loaded : services_) {
        if (const ServiceConfig *wanted = find_service(configuration.services, loaded.config.id))
            reload_service(loaded, *wanted, mistakes);
        else
            mistakes.warning(*configuration.tree->root(),
                             "service '" + loaded.config.id + "' is gone; it runs until a restart, ignoring");
    }
    configuration_.settings = configuration.settings;
}

void Host::stop(std::chrono::milliseconds drain)
{
    const auto end = std::chrono::steady_clock::now() + drain;
    for (auto loaded = std::make_reverse_iterator(std::next(services_.begin(), static_cast<std::ptrdiff_t>(started_)));
         loaded != services_.rend(); ++loaded) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
        loaded->service.stop(std::max(left, std::chrono::milliseconds{0}));
    }
    started_ = 0;
}

void Host::destroy()
{
    for (auto loaded = services_.rbegin(); loaded != services_.rend(); ++loaded)
        loaded->service.destroy();
}

} // namespace jabberd::host
