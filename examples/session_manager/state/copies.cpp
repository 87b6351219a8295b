// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/state/copies.h"

#include "base/view.h"

#include <algorithm>

namespace jabberd::session_manager {

namespace {

std::uint64_t hash_of(const jabberd_packet &message)
{
    std::uint64_t sum = 0;
    for (const jabberd_view &field : {message.from, message.id, message.body})
        sum = sum * 1'099'511'628'211u + Copies::hash(text(field));
    return sum;
}

} // namespace

void Copies::add(const jabberd_packet &message, const std::vector<std::string_view> &connections)
{
    if (shared_.size() >= capacity)
        shared_.pop_front();
    Shared &shared = shared_.emplace_back(Shared{hash_of(message), {}});
    for (const std::string_view connection : connections)
        shared.connections.push_back(hash(connection));
}

bool Copies::take_back(const jabberd_packet &message, std::string_view connection,
                       const std::function<bool(std::uint64_t)> &is_here)
{
    const auto found =
        std::ranges::find_if(shared_, [sought = hash_of(message), from = hash(connection)](const Shared &shared) {
            return shared.message == sought && std::ranges::find(shared.connections, from) != shared.connections.end();
        });
    if (found == shared_.end())
        return false;
    std::erase(found->connections, hash(connection));
    const bool kept = std::ranges::any_of(found->connections, is_here);
    if (found->connections.empty())
        shared_.erase(found);
    return kept;
}

} // namespace jabberd::session_manager
