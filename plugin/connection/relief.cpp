// SPDX-License-Identifier: LGPL-2.1-or-later
#include "connection/relief.h"

#include "connection/owner.h"

#include <algorithm>
#include <new>
#include <optional>

namespace jabberd::connection {

namespace {

Relief relief_of(const net::AddressCaps::Holder &holder, std::size_t keep, Tally Counters::*ended)
{
    return {holder.prefix, keep, keep / std::max<std::size_t>(1, holder.connections), ended};
}

// Somewhat more than is needed is given up each time, so that the next byte is not the next occasion.
std::optional<Relief> relief_due(Shared &shared, const net::SocketAddress &from)
{
    const net::AddressCaps::Holder holder = shared.address_caps.holder(from);
    const std::size_t of_address = shared.memory_of_address.most;
    if (of_address != 0 && holder.memory > of_address)
        return relief_of(holder, of_address / 4 * 3, &Counters::ended_by_memory_per_address);

    const auto heaviest = shared.memory.is_over() ? shared.address_caps.heaviest() : std::nullopt;
    if (!heaviest)
        return std::nullopt;
    const std::size_t excess = shared.memory.held() - shared.memory_of_all.most / 16 * 15;
    const std::size_t equal_part = shared.memory.equal_part();
    return relief_of(*heaviest, heaviest->memory > equal_part + excess ? heaviest->memory - excess : equal_part,
                     &Counters::ended_by_memory);
}

void give_up(Shared &shared, const Relief &relief)
{
    unsigned none = 0;
    if (!shared.relieving.compare_exchange_strong(none, static_cast<unsigned>(shared.owners.size())))
        return;
    for (Owner *owner : shared.owners) {
        try {
            owner->give_up_memory(relief);
        } catch (const std::bad_alloc &) { // it does not even know
            --shared.relieving;
        }
    }
}

} // namespace

void relieve(Shared &shared, const net::SocketAddress &from)
{
    if (shared.relieving != 0)
        return;
    if (const auto relief = relief_due(shared, from))
        give_up(shared, *relief);
}

void relieve_once(Shared &shared)
{
    if (const auto heaviest = shared.address_caps.heaviest())
        give_up(shared, relief_of(*heaviest, heaviest->memory / 4 * 3, &Counters::ended_by_memory));
}

} // namespace jabberd::connection
