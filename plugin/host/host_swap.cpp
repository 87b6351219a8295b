// SPDX-License-Identifier: LGPL-2.1-or-later
// Host: what of it swaps components.
#include "host/component/trust.h"
#include "host/config/service_reader.h"
#include "host/host.h"
#include "host/log/log.h"
#include "host/swap/succession.h"

#include <algorithm>
#include <utility>

namespace jabberd::host {

namespace {

SwapOutcome refusal(SwapStep step, std::string why)
{
    return {step, std::move(why), {}, {}};
}

std::string ids_of(const std::list<LoadedService> &services)
{
    std::string ids;
    for (const LoadedService &loaded : services)
        ids += (ids.empty() ? "" : ", ") + loaded.config.id;
    return ids;
}

void log_end(const LoadedService &loaded, const std::string &from, const std::filesystem::path &file,
             const SwapOutcome &outcome)
{
    if (outcome.is_done())
        return log::write(JABBERD_LOG_NOTICE, loaded.config.id,
                          "swapped from " + from + " to " + loaded.component_name(),
                          {{"FILE", file.string()}, {"PAUSE_US", std::to_string(outcome.pause.count())}});
    const auto level = outcome.is_stopped() ? JABBERD_LOG_ERROR : JABBERD_LOG_WARNING;
    log::write(level, loaded.config.id, "a swap failed: " + to_text(outcome), {{"FILE", file.string()}});
}

} // namespace

SwapOutcome Host::swap(std::string_view service, const std::filesystem::path &file, const Configuration &configuration,
                       Mistakes &mistakes)
{
    const auto loaded = std::find_if(services_.begin(), services_.end(),
                                     [&](const LoadedService &other) { return other.config.id == service; });
    if (loaded == services_.end())
        return refusal(SwapStep::Find,
                       "there is no service '" + std::string{service} + "'; there are " + ids_of(services_));
    if (loaded->service.instance() == nullptr)
        return refusal(SwapStep::Find,
                       "service '" + std::string{service} + "' is stopped, since a swap failed; restart the host");
    const std::string from = loaded->component_name();
    SwapOutcome outcome = swap_service(*loaded, file, configuration, mistakes);
    loaded->swaps.add(outcome);
    log_end(*loaded, from, file, outcome);
    return outcome;
}

SwapOutcome Host::swap_service(LoadedService &loaded, const std::filesystem::path &file,
                               const Configuration &configuration, Mistakes &mistakes)
{
    if (mistakes.fatal())
        return refusal(SwapStep::Create, "the configuration has mistakes, as it is in the file now");
    const ServiceConfig *wanted = find_service(configuration.services, loaded.config.id);
    if (wanted == nullptr)
        return refusal(SwapStep::Create, "the configuration, as it is in the file now, has no such service");
    if (loaded.config.names != wanted->names)
        mistakes.warning(*wanted->element,
                         "other host names for service '" + wanted->id + "' take effect after a restart, ignoring");
    SwapOutcome outcome = open_and_exchange(loaded, file, configuration, *wanted, Component::Any, mistakes);
    if (!outcome.is_done() && !outcome.is_stopped())
        return outcome;
    loaded.run_with(*wanted, configuration.tree);
    // What <load> names holds again where it is that file; where not, it was swapped by hand.
    if (const ConfiguredFile named{*wanted}; is_same_path(named.path, file)) {
        loaded.config.component = wanted->component;
        loaded.config.files = wanted->files;
        loaded.configured = named;
    }
    if (!loaded.is_swapped_by_hand())
        loaded.configured.stamp = loaded.library->stamp();
    return outcome;
}

void Host::reload_by_swap(LoadedService &loaded, const Configuration &configuration, const ServiceConfig &wanted,
                          Mistakes &mistakes)
{
    const ConfiguredFile file{wanted};
    if (file.path == loaded.configured.path && file.stamp.is_same_file(loaded.configured.stamp))
        mistakes.warning(*wanted.load, file.path.string() +
                                           " was written over while it is loaded, which damages the code that runs; "
                                           "put a new file in its place (install, mv), ignoring");
    const std::string from = loaded.component_name();
    SwapOutcome outcome =
        open_and_exchange(loaded, file.path, configuration, wanted, Component::AsConfigured, mistakes);
    loaded.swaps.add(outcome);
    log_end(loaded, from, file.path, outcome);
    if (!outcome.is_done())
        mistakes.error(*wanted.load, "service '" + loaded.config.id + "' was not swapped to " + file.path.string() +
                                         ": " + to_text(outcome) +
                                         (outcome.is_stopped() ? "" : ", with its old configuration"));
    if (!outcome.is_done() && !outcome.is_stopped())
        return;
    loaded.run_with(wanted, configuration.tree);
    loaded.config.component = wanted.component;
    loaded.config.files = wanted.files;
    loaded.configured = file;
}

SwapOutcome Host::open_and_exchange(LoadedService &loaded, const std::filesystem::path &file,
                                    const Configuration &configuration, const ServiceConfig &wanted,
                                    Component component, Mistakes &mistakes)
{
    if (handover_of(loaded.service.current()) == nullptr)
        return refusal(SwapStep::Compare, loaded.component_name() + ", which runs, does not offer " JABBERD_HANDOVER
                                                                    "; only a restart replaces it");
    std::string why = open_to_others(file);
    if (!why.empty())
        return refusal(SwapStep::Load, why + "; others could so bring their code into this host");
    auto library = ComponentLibrary::open(file, why);
    if (!library)
        return refusal(SwapStep::Load, why);
    if (component == Component::AsConfigured)
        why = other_name(*library, wanted);
    else if (!has_a_section_of(wanted, library->component().config_namespaces))
        why = file.string() + " reads none of the sections that the service has; is it meant for this service?";
    if (why.empty()) {
        ServiceConfig named = wanted;
        named.component = library->identity().name;
        warn_about_unread_sections(named, library->component().config_namespaces, mistakes);
        return exchange(loaded, std::move(library), wanted, configuration.tree, mistakes);
    }
    unload(std::move(library));
    return refusal(SwapStep::Compare, why);
}

SwapOutcome Host::exchange(LoadedService &loaded, std::unique_ptr<ComponentLibrary> library,
                           const ServiceConfig &wanted, std::shared_ptr<const ConfigTree> tree, Mistakes &mistakes)
{
    SwapOutcome outcome = succeed(loaded.service, library->component(), *wanted.element, mistakes);
    // Where the new one could not start it is its code that is current, and no component runs.
    if (outcome.is_done() || outcome.is_stopped()) {
        std::swap(loaded.library, library);
        loaded.since = std::chrono::system_clock::now();
    }
    if (outcome.is_late)
        leave(std::move(library), std::move(tree));
    else
        unload(std::move(library));
    return outcome;
}

// A thread may be in its code for ever.
void Host::leave(std::unique_ptr<ComponentLibrary> library, std::shared_ptr<const ConfigTree> tree)
{
    ++images_left_;
    log::write(JABBERD_LOG_WARNING, "host",
               "a component that did not return stays in memory, with its thread, until a restart, ignoring",
               {{"FILE", library->file().string()}});
    static auto &those =
        *new std::list<std::pair<std::unique_ptr<ComponentLibrary>, std::shared_ptr<const ConfigTree>>>; // longer than
                                                                                                         // any host
    those.emplace_back(std::move(library), std::move(tree));
}

void Host::unload(std::unique_ptr<ComponentLibrary> library)
{
    const ImageId image = library->image();
    const std::string file = library->file().string();
    library.reset();
    const bool is_wanted = std::any_of(services_.begin(), services_.end(),
                                       [&](const LoadedService &loaded) { return loaded.library->image() == image; });
    if (is_wanted || image == staying_ || !is_mapped(image))
        return;
    ++images_left_;
    log::write(JABBERD_LOG_WARNING, "host",
               "an unloaded component is still in memory; what may hold it: a unique symbol (build it with "
               "-fno-gnu-unique), a thread_local with a destructor, -z nodelete, a dlopen() of its own, ignoring",
               {{"FILE", file}});
}

} // namespace jabberd::host
