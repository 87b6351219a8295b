// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/roster/roster.h"

#include <utility>

namespace jabberd::session_manager {

const RosterItem *Roster::find(std::string_view contact) const
{
    const auto found = items_.find(contact);
    return found == items_.end() ? nullptr : found->second.get();
}

void Roster::put(RosterItem item)
{
    const auto before = items_.find(item.contact);
    if (before != items_.end()) {
        Amount &amount = amount_of(*before->second);
        --amount.items;
        amount.bytes -= static_cast<std::uint32_t>(before->second->bytes());
        version_.remove(*before->second);
    }
    if (item.empty()) {
        if (before != items_.end())
            items_.erase(before);
        return;
    }
    auto kept = std::make_shared<const RosterItem>(std::move(item));
    Amount &amount = amount_of(*kept);
    ++amount.items;
    amount.bytes += static_cast<std::uint32_t>(kept->bytes());
    version_.add(*kept);
    items_.insert_or_assign(kept->contact, std::move(kept));
}

std::vector<RosterItemPtr> Roster::listed() const
{
    std::vector<RosterItemPtr> all;
    all.reserve(items_.size());
    for (const auto &[contact, item] : items_) {
        if (item->listed)
            all.push_back(item);
    }
    return all;
}

} // namespace jabberd::session_manager
