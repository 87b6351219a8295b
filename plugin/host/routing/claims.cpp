// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/routing/claims.h"

#include <mutex>
#include <utility>

namespace jabberd::host {

Claims::Claims(Beyond *beyond)
{
    if (beyond != nullptr)
        every_other_ = std::make_shared<Claim>("", nullptr, beyond);
}

std::shared_ptr<Claim> Claims::find(std::string_view name) const
{
    const std::shared_lock lock{mutex_};
    const auto found = claims_.find(name);
    return found != claims_.end() ? found->second : every_other_;
}

std::shared_ptr<Claim> Claims::find(std::string_view name, const Service &by) const
{
    const std::shared_lock lock{mutex_};
    const auto found = name.empty() ? claims_.end() : claims_.find(name);
    const std::shared_ptr<Claim> &claim = found != claims_.end() ? found->second : every_other_;
    return claim && claim->service == &by && claim->name.empty() == name.empty() ? claim : nullptr;
}

bool Claims::add(std::string_view name, Service &by, bool &changed)
{
    const std::unique_lock lock{mutex_};
    std::shared_ptr<Claim> &claim = name.empty() ? every_other_ : claims_[std::string{name}];
    changed = claim == nullptr;
    if (changed)
        claim = std::make_shared<Claim>(std::string{name}, &by, nullptr);
    return claim->service == &by;
}

bool Claims::remove(std::string_view name, const Service &by)
{
    std::shared_ptr<Claim> claim;
    {
        const std::unique_lock lock{mutex_};
        const auto found = name.empty() ? claims_.end() : claims_.find(name);
        std::shared_ptr<Claim> &place = found != claims_.end() ? found->second : every_other_;
        if (!place || place->service != &by || place->name.empty() != name.empty())
            return false;
        claim = std::move(place);
        place.reset();
        if (found != claims_.end())
            claims_.erase(found);
    }
    claim->congestion.end();
    return true;
}

bool Claims::remove_all(const Service &by)
{
    bool any = false;
    for (const auto &claim : all())
        any |= claim->service == &by && remove(claim->name, by);
    return any;
}

std::vector<std::shared_ptr<Claim>> Claims::all() const
{
    const std::shared_lock lock{mutex_};
    std::vector<std::shared_ptr<Claim>> all;
    all.reserve(claims_.size() + 1);
    for (const auto &[name, claim] : claims_)
        all.push_back(claim);
    if (every_other_)
        all.push_back(every_other_);
    return all;
}

} // namespace jabberd::host
