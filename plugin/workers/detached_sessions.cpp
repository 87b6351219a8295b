// SPDX-License-Identifier: LGPL-2.1-or-later
#include "workers/detached_sessions.h"

#include <algorithm>
#include <functional>
#include <utility>

namespace jabberd::workers {

void DetachedSessions::insert(std::unique_ptr<Detached> session)
{
    const std::uint32_t index = session->id.index;
    sessions_[index] = std::move(session);
}

Detached *DetachedSessions::find(SlotId id) const
{
    const auto found = sessions_.find(id.index);
    return found != sessions_.end() && found->second->id == id ? found->second.get() : nullptr;
}

std::unique_ptr<Detached> DetachedSessions::take(SlotId id)
{
    if (find(id) == nullptr)
        return nullptr;
    auto node = sessions_.extract(id.index);
    std::unique_ptr<Detached> session = std::move(node.mapped());
    return session;
}

void DetachedSessions::retire(Detached &session)
{
    const auto node = sessions_.extract(session.id.index);
    if (node.empty())
        return;
    remember({session.id, session.management().key(), session.handled()});
    retired_.push_back(std::move(node.mapped()));
}

std::vector<Detached *> DetachedSessions::holders(const connection::Relief &relief) const
{
    std::vector<Detached *> holders;
    for (const auto &[index, session] : sessions_) {
        if (session->held() > relief.of_a_client && session->from().prefix() == relief.address)
            holders.push_back(session.get());
    }
    std::ranges::sort(holders, std::greater{}, &Detached::held);
    return holders;
}

std::optional<std::uint32_t> DetachedSessions::handled(SlotId id, const connection::ResumptionKey &key) const
{
    const auto found = std::ranges::find_if(
        ended_, [&](const Ended &ended) { return ended.id == id && connection::same_key(ended.key, key); });
    if (found == ended_.end())
        return std::nullopt;
    return found->handled;
}

void DetachedSessions::remember(const Ended &ended)
{
    if (ended_.size() == most_remembered)
        ended_.pop_front();
    ended_.push_back(ended);
}

} // namespace jabberd::workers
