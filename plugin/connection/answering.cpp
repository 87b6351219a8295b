// SPDX-License-Identifier: LGPL-2.1-or-later
#include "connection/answering.h"

#include "base/address.h"

#include <algorithm>
#include <cstddef>

namespace jabberd::connection {

namespace {

constexpr std::size_t max_names = 64;

auto find(auto &names, std::string_view name)
{
    return std::ranges::find_if(names, [name](const std::string &one) { return same_host(one, name); });
}

} // namespace

void Answering::note(std::string_view session_manager, bool answers)
{
    const std::lock_guard lock{mutex_};
    const auto known = find(names_, session_manager);
    if (!answers && known != names_.end())
        names_.erase(known);
    else if (answers && known == names_.end() && names_.size() < max_names)
        names_.emplace_back(session_manager);
}

bool Answering::has(std::string_view session_manager) const
{
    const std::lock_guard lock{mutex_};
    return find(names_, session_manager) != names_.end();
}

void Answering::save(handover::State &state) const
{
    const std::lock_guard lock{mutex_};
    state.answering = names_;
}

void Answering::restore(const handover::State &state)
{
    for (const std::string &name : state.answering)
        note(name, true);
}

} // namespace jabberd::connection
