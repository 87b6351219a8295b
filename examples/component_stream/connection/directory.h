// SPDX-License-Identifier: LGPL-2.1-or-later
// Which stream answers for a name now.
#pragma once

#include "base/host_name.h"
#include "component_stream/connection/lane.h"

#include <algorithm>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string_view>
#include <utility>
#include <vector>

namespace jabberd::component_stream {

// [any thread] Few names, so they are compared one by one.
class Directory {
public:
    std::shared_ptr<Lane> find(std::string_view host) const
    {
        const std::shared_lock lock{mutex_};
        const auto found =
            std::ranges::find_if(names_, [&](const auto &entry) { return same_host(entry.first, host); });
        return found == names_.end() ? nullptr : found->second;
    }

    void add(const std::shared_ptr<Lane> &lane)
    {
        const std::unique_lock lock{mutex_};
        for (const std::string &name : lane->names())
            names_.emplace_back(name, lane);
    }

    void remove(const Lane &lane)
    {
        const std::unique_lock lock{mutex_};
        std::erase_if(names_, [&](const auto &entry) { return entry.second.get() == &lane; });
    }

private:
    mutable std::shared_mutex mutex_;
    std::vector<std::pair<std::string, std::shared_ptr<Lane>>> names_;
};

} // namespace jabberd::component_stream
