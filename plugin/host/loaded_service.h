// SPDX-License-Identifier: LGPL-2.1-or-later
// One <service/> with its component.
#pragma once

#include "host/component/library.h"
#include "host/config/configuration.h"
#include "host/routing/service.h"
#include "host/swap/outcome.h"

#include <chrono>
#include <memory>
#include <string>

namespace jabberd::host {

// The file that <load> names, as it is now.
struct ConfiguredFile {
    explicit ConfiguredFile(const ServiceConfig &config);
    bool operator==(const ConfiguredFile &) const = default;

    std::filesystem::path path; // the first place that has it; the first of all, when none has
    FileStamp stamp;
};

// What the operator may ask of the swaps of a service.
struct SwapHistory {
    void add(const SwapOutcome &outcome);

    std::uint64_t done = 0, failed = 0;
    std::chrono::microseconds last_pause{};
    std::string last_failure; // empty: none
    std::chrono::system_clock::time_point last_failure_at;
};

// The library outlives the service, whose code it is, and the tree the configuration that points into it.
struct LoadedService {
    LoadedService(const ServiceConfig &its_config, std::shared_ptr<const ConfigTree> its_tree,
                  std::unique_ptr<ComponentLibrary> its_library, Router &router);

    // It runs with this element from now on; its names stay, which the router has, and so does its component.
    void run_with(const ServiceConfig &wanted, std::shared_ptr<const ConfigTree> its_tree);

    // "socket_manager 0.1.0"
    std::string component_name() const;

    // Whether its file is another one than <load> named, because the operator swapped it.
    bool is_swapped_by_hand() const;

    ServiceConfig config; // what it runs with
    std::shared_ptr<const ConfigTree> tree;
    ConfiguredFile configured; // as it was when <load> was last obeyed
    std::unique_ptr<ComponentLibrary> library;
    Service service;
    std::chrono::system_clock::time_point since = std::chrono::system_clock::now(); // that this component runs
    SwapHistory swaps;
};

// Empty when the component is the one that the configuration means.
std::string other_name(const ComponentLibrary &library, const ServiceConfig &config);

// Also for paths that are written differently.
bool is_same_path(const std::filesystem::path &a, const std::filesystem::path &b);

} // namespace jabberd::host
