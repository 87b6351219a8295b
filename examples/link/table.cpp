// SPDX-License-Identifier: LGPL-2.1-or-later
#include "link/table.h"

#include "base/view.h"
#include "link/names.h"

#include <algorithm>

namespace jabberd::link {

namespace {

// FNV-1a: the same in every process and version, as a session manager's other processes may spread by it, too.
std::uint64_t hash(std::string_view a, std::string_view b)
{
    std::uint64_t value = 14695981039346656037u;
    const auto add = [&](std::string_view text) {
        for (const char c : text)
            value = (value ^ static_cast<unsigned char>(c)) * 1099511628211u;
        value = (value ^ 0xFF) * 1099511628211u;
    };
    add(a);
    add(b);
    // What FNV leaves in the high bits is like in like texts.
    value ^= value >> 33;
    value *= 0xff51afd7ed558ccdu;
    return value ^ value >> 33;
}

bool has_session(Link &link, const jabberd_packet &packet)
{
    const std::lock_guard lock{link.mutex};
    return link.peer.has_session(text(packet.sfrom)) || link.peer.has_session(text(packet.sto));
}

} // namespace

Link *Table::pick(const jabberd_packet &packet) const
{
    const std::string_view host = destination(packet);
    const Entry *entry = find(host); // nearly always written as the key is
    if (entry == nullptr)
        entry = find(name_key(host));
    if (entry == nullptr)
        return nullptr;
    if (entry->links.size() == 1)
        return entry->links.front().get();
    const bool in_session = present(packet.sto) && present(packet.sfrom);
    if (in_session) {
        for (const auto &link : entry->links) {
            if (has_session(*link, packet))
                return link.get();
        }
    }
    const std::string_view sender = text(in_session ? packet.sfrom : packet.from);
    const auto best =
        std::ranges::max_element(entry->links, {}, [&](const auto &link) { return hash(link->peer.name(), sender); });
    return best->get();
}

const Table::Entry *Table::find(std::string_view key) const
{
    const auto found = entries_.find(key);
    return found == entries_.end() ? nullptr : &found->second;
}

std::shared_ptr<const Table> Table::with(const std::string &key, const std::shared_ptr<Congestion> &congestion,
                                         const std::shared_ptr<Link> &link) const
{
    auto copy = std::make_shared<Table>(*this);
    Entry &entry = copy->entries_[key];
    entry.congestion = congestion;
    entry.links.push_back(link);
    return copy;
}

std::shared_ptr<const Table> Table::without(const std::string &key, const Link &link) const
{
    auto copy = std::make_shared<Table>(*this);
    const auto found = copy->entries_.find(key);
    if (found == copy->entries_.end())
        return copy;
    std::erase_if(found->second.links, [&](const auto &other) { return other.get() == &link; });
    if (found->second.links.empty())
        copy->entries_.erase(found);
    return copy;
}

} // namespace jabberd::link
