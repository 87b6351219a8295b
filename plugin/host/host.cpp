// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/host.h"

#include "host/component/trust.h"
#include "host/config/service_reader.h"
#include "host/log/log.h"
#include "host/swap/succession.h"

#include <jabberd/check.h>
#include <jabberd/domains.h>

#include <algorithm>
#include <iterator>

namespace jabberd::host {

namespace {

std::string also_tried(const ServiceConfig &service)
{
    return service.files.size() > 1 ? "; " + service.files.back().string() + " was tried as well" : "";
}

// An extension of a component without an instance. Null: it is older than that, or does not have it.
const void *extension_of(const ComponentLibrary &library, const char *id)
{
    constexpr std::uint32_t since_minor = 1;
    const jabberd_component &component = library.component();
    if (library.identity().abi_minor < since_minor || component.get_extension == nullptr)
        return nullptr;
    return component.get_extension(nullptr, id);
}

const jabberd_check *check_of(const ComponentLibrary &library)
{
    const auto *check = static_cast<const jabberd_check *>(extension_of(library, JABBERD_CHECK));
    return check != nullptr && JABBERD_HAS(check, check) && check->check != nullptr ? check : nullptr;
}

} // namespace

void Host::load(Configuration configuration, Mistakes &mistakes)
{
    configuration_ = std::move(configuration);
    for (const ServiceConfig &config : configuration_.services)
        load_service(config, mistakes);
}

void Host::load_service(const ServiceConfig &config, Mistakes &mistakes)
{
    const std::filesystem::path file = ConfiguredFile{config}.path;
    std::error_code ignored;
    if (!std::filesystem::exists(file, ignored))
        return mistakes.error(*config.load, "there is no file " + file.string() + also_tried(config) +
                                                "; <load> takes the path of a component");
    std::string why;
    auto library = ComponentLibrary::open(file, why);
    if (!library)
        return mistakes.error(*config.load, why);
    if (why = other_name(*library, config); !why.empty())
        return mistakes.error(*config.load, why);
    if (why = open_to_others(file); !why.empty())
        mistakes.warning(*config.load, why + ": others may so bring their code into this host, which does not swap to "
                                             "such a file");
    warn_about_unread_sections(config, library->component().config_namespaces, mistakes);
    LoadedService &loaded = services_.emplace_back(config, configuration_.tree, std::move(library), router_);
    router_.add(loaded.service);
    if (extension_of(*loaded.library, JABBERD_OWNS_SESSIONS) != nullptr)
        router_.add_domains(loaded.service);
}

std::vector<std::string> Host::check(Mistakes &mistakes)
{
    std::vector<std::string> unasked;
    for (LoadedService &loaded : services_) {
        const jabberd_check *check = check_of(*loaded.library);
        if (check == nullptr)
            unasked.push_back(loaded.config.id);
        else
            loaded.service.check(*check, *loaded.config.element, mistakes);
    }
    return unasked;
}

Service *Host::service(std::string_view id)
{
    const auto found =
        std::ranges::find_if(services_, [&](const LoadedService &loaded) { return loaded.config.id == id; });
    return found == services_.end() ? nullptr : &found->service;
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

void Host::reload_service(LoadedService &loaded, const Configuration &configuration, const ServiceConfig &wanted,
                          Mistakes &mistakes)
{
    const ServiceConfig &now = loaded.config;
    if (now.names != wanted.names)
        mistakes.warning(*wanted.element,
                         "other host names for service '" + now.id + "' take effect after a restart, ignoring");
    if (loaded.service.instance() == nullptr)
        return mistakes.warning(*wanted.element,
                                "service '" + now.id + "' is stopped, since a swap failed, until a restart, ignoring");
    if (now.component != wanted.component || loaded.configured != ConfiguredFile{wanted}) {
        if (handover_of(loaded.service.current()) != nullptr)
            return reload_by_swap(loaded, configuration, wanted, mistakes);
        mistakes.warning(*wanted.load,
                         "another component for service '" + now.id + "' takes effect after a restart, ignoring");
    } else if (loaded.is_swapped_by_hand()) {
        mistakes.warning(*wanted.load, "service '" + now.id + "' goes on with " + loaded.library->file().string() +
                                           ", to which it was swapped; a restart loads this, ignoring");
    }
    warn_about_unread_sections(wanted, loaded.library->component().config_namespaces, mistakes);
    if (!loaded.service.can_reload()) {
        if (!same_configuration(*now.element, *wanted.element))
            mistakes.warning(*wanted.element,
                             "component " + now.component +
                                 " cannot be reloaded; the changes take effect after a restart, ignoring");
        return;
    }
    const std::size_t before = mistakes.all().size();
    if (loaded.service.reload(*wanted.element, mistakes))
        loaded.run_with(wanted, configuration.tree);
    else if (mistakes.all().size() == before)
        mistakes.error(*wanted.element, "service '" + now.id + "' could not be reloaded; its log above says why");
}

void Host::reload(const Configuration &configuration, Mistakes &mistakes)
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
            reload_service(loaded, configuration, *wanted, mistakes);
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
