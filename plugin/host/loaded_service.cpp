// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/loaded_service.h"

#include <algorithm>
#include <utility>

namespace jabberd::host {

namespace {

std::filesystem::path locate(const ServiceConfig &service)
{
    std::error_code ignored;
    const auto found = std::find_if(service.files.begin(), service.files.end(),
                                    [&](const auto &file) { return std::filesystem::exists(file, ignored); });
    return found == service.files.end() ? service.files.front() : *found;
}

} // namespace

ConfiguredFile::ConfiguredFile(const ServiceConfig &config) : path(locate(config)), stamp(path)
{
}

void SwapHistory::add(const SwapOutcome &outcome)
{
    if (outcome.is_done()) {
        ++done;
        last_pause = outcome.pause;
        return;
    }
    ++failed;
    last_failure = to_text(outcome);
    last_failure_at = std::chrono::system_clock::now();
}

LoadedService::LoadedService(const ServiceConfig &its_config, std::shared_ptr<const ConfigTree> its_tree,
                             std::unique_ptr<ComponentLibrary> its_library, Router &router)
    : config(its_config)
    , tree(std::move(its_tree))
    , configured(config)
    , library(std::move(its_library))
    , service(config.id, config.names, library->component(), router)
{
    configured.stamp = library->stamp(); // it may have been replaced since
}

void LoadedService::run_with(const ServiceConfig &wanted, std::shared_ptr<const ConfigTree> its_tree)
{
    config.element = wanted.element;
    config.load = wanted.load;
    tree = std::move(its_tree);
}

std::string LoadedService::component_name() const
{
    return std::string{library->identity().name} + " " + library->identity().version;
}

bool LoadedService::is_swapped_by_hand() const
{
    return !is_same_path(library->file(), configured.path);
}

std::string other_name(const ComponentLibrary &library, const ServiceConfig &config)
{
    const std::string name = library.identity().name;
    if (name == config.component)
        return "";
    return library.file().string() + " is the component '" + name + "', not '" + config.component + "'; write <" +
           name + "> around it, or another file";
}

bool is_same_path(const std::filesystem::path &a, const std::filesystem::path &b)
{
    return std::filesystem::absolute(a).lexically_normal() == std::filesystem::absolute(b).lexically_normal();
}

} // namespace jabberd::host
