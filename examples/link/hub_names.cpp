// SPDX-License-Identifier: LGPL-2.1-or-later
// Names: ours, which the peers are told, and theirs, which are claimed.
#include "link/hub.h"

#include "link/names.h"
#include "link/say.h"

#include <algorithm>
#include <utility>

namespace jabberd::link {

void Hub::names_changed()
{
    run_task([this] {
        read_names();
        for (const auto all = links(); const auto &link : *all)
            update_claims(link); // what was another's may be free now
    });
}

void Hub::read_names()
{
    std::vector<std::string> names;
    routes_.names(
        &host_,
        [](void *data, jabberd_view name) { static_cast<std::vector<std::string> *>(data)->emplace_back(text(name)); },
        &names);
    if (!settings_.names.empty())
        std::erase_if(names, [&](const std::string &name) {
            return std::ranges::none_of(settings_.names,
                                        [&](const std::string &told) { return name_key(told) == name_key(name); });
        });
    std::erase_if(names, [](const std::string &name) { return name.size() > max_host_name; });
    std::ranges::sort(names);
    if (names_version_ != 0 && names == told_names_)
        return;
    told_names_ = std::move(names);
    names_version_ = std::max(self_.realtime(), names_version_ + 1);
    auto &parts = told_parts_;
    parts.clear();
    for (std::size_t begin = 0; begin < told_names_.size() && parts.size() < max_parts;) {
        const auto first = told_names_.begin() + static_cast<std::ptrdiff_t>(begin);
        const std::size_t count = names_fit(told_names_, begin);
        parts.emplace_back(first, first + static_cast<std::ptrdiff_t>(count));
        begin += count;
    }
    if (parts.empty())
        parts.emplace_back();
    for (const auto all = links(); const auto &link : *all) {
        {
            const std::lock_guard lock{link->mutex};
            link->peer.tell_names(parts, names_version_);
        }
        wake(*link);
    }
}

void Hub::update_claims(const std::shared_ptr<Link> &link)
{
    std::map<std::string, std::string> wanted; // key, name
    std::vector<std::string> claimed, strange;
    {
        const std::lock_guard lock{link->mutex};
        if (link->peer.established()) {
            for (const std::string &name : link->peer.names()) {
                if (is_routable_name(name))
                    wanted.emplace(name_key(name), name);
                else
                    strange.push_back(name);
            }
        }
        for (const auto &[key, congestion] : link->names)
            claimed.push_back(key);
    }
    for (const std::string &key : claimed) {
        if (!wanted.contains(key))
            unclaim(*link, key);
    }
    std::erase_if(link->refused, [&](const std::string &key) { return !wanted.contains(key); });
    for (const auto &[key, name] : wanted) {
        if (std::ranges::find(claimed, key) == claimed.end() && claim(link, name, key))
            link->refused.erase(key);
    }
    for (const std::string &name : strange)
        say(host_, JABBERD_LOG_WARNING,
            link->peer.name() + " answers for '" + name + "', which is no name of a host, ignoring");
}

bool Hub::claim(const std::shared_ptr<Link> &link, const std::string &name, const std::string &key)
{
    const auto before = table();
    const Table::Entry *entry = before->find(key);
    const bool is_new = entry == nullptr;
    const auto congestion = is_new ? std::make_shared<Congestion>(host_, routes_, name, succeeds_) : entry->congestion;
    publish(before->with(key, congestion, link)); // first: packets may come before claim() returns
    if (is_new) {
        const jabberd_claim result = routes_.claim(&host_, view(name));
        if (result != JABBERD_CLAIMED) {
            publish(table()->without(key, *link));
            if (link->refused.insert(key).second)
                say(host_, JABBERD_LOG_WARNING,
                    link->peer.name() + " answers for " + name + ", " +
                        (result == JABBERD_NAME_TAKEN ? "which another service here does" : "which the host refuses") +
                        ", ignoring");
            return false;
        }
    }
    bool congested = false;
    {
        const std::lock_guard lock{link->mutex};
        link->names.emplace(key, congestion);
        congested = link->congested;
    }
    if (congested)
        congestion->change(1);
    return true;
}

void Hub::unclaim(Link &link, const std::string &key)
{
    std::shared_ptr<Congestion> congestion;
    bool congested = false;
    {
        const std::lock_guard lock{link.mutex};
        const auto found = link.names.find(key);
        congestion = found->second;
        congested = link.congested;
        link.names.erase(found);
    }
    const auto after = table()->without(key, link);
    if (after->find(key) == nullptr) { // no other peer answers for it
        congestion->end();
        routes_.give_up(&host_, view(congestion->name()));
    } else if (congested) {
        congestion->change(-1);
    }
    publish(after);
}

} // namespace jabberd::link
