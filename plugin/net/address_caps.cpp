// SPDX-License-Identifier: LGPL-2.1-or-later
#include "net/address_caps.h"

#include <algorithm>

namespace jabberd::net {

namespace {

// An address that had nothing open for so long has earned its full burst again; longer where the burst takes longer.
constexpr Duration remembered = std::chrono::minutes{5};

} // namespace

AddressCaps::Verdict AddressCaps::admit(const SocketAddress &address, std::uint32_t max_connections,
                                        const Rate &attempts, Time now)
{
    const std::lock_guard lock{mutex_};
    if (prefixes_.size() >= forget_at_)
        forget_old(attempts, now);
    Prefix &prefix = prefixes_.try_emplace(address.prefix(), TokenBucket{attempts, now}, now, *this).first->second;
    prefix.last = now;
    if (max_connections != 0 && prefix.connections >= max_connections)
        return Verdict::TooMany;
    if (!take(prefix, attempts, now))
        return Verdict::TooFast;
    ++prefix.connections;
    return Verdict::Admitted;
}

bool AddressCaps::spend(const SocketAddress &address, const Rate &attempts, Time now)
{
    const std::lock_guard lock{mutex_};
    const auto prefix = prefixes_.find(address.prefix());
    return prefix == prefixes_.end() || take(prefix->second, attempts, now);
}

bool AddressCaps::take(Prefix &prefix, const Rate &attempts, Time now)
{
    if (attempts.per_second == 0)
        return true;
    prefix.attempts.refill(attempts, now);
    if (prefix.attempts.ready_at(attempts) > now)
        return false;
    prefix.attempts.take(attempts, 1, now);
    return true;
}

AddressShare &AddressCaps::restore(const SocketAddress &address)
{
    const std::lock_guard lock{mutex_};
    Prefix &prefix = known(address);
    ++prefix.connections;
    return prefix.share;
}

// One that is new has no attempts yet; it gets them all at the first.
AddressCaps::Prefix &AddressCaps::known(const SocketAddress &address)
{
    return prefixes_.try_emplace(address.prefix(), TokenBucket{{}, Time{}}, Time{}, *this).first->second;
}

void AddressCaps::release(const SocketAddress &address)
{
    const std::lock_guard lock{mutex_};
    const auto prefix = prefixes_.find(address.prefix());
    if (prefix != prefixes_.end() && prefix->second.connections > 0)
        --prefix->second.connections;
}

AddressShare &AddressCaps::share_of(const SocketAddress &address)
{
    const std::lock_guard lock{mutex_};
    return known(address).share;
}

AddressCaps::Holder AddressCaps::holder(const SocketAddress &address)
{
    const std::lock_guard lock{mutex_};
    const Prefix &prefix = known(address);
    return {address.prefix(), prefix.share.memory.held(), prefix.connections};
}

std::optional<AddressCaps::Holder> AddressCaps::heaviest()
{
    const std::lock_guard lock{mutex_};
    std::optional<Holder> heaviest;
    for (const auto &[key, prefix] : prefixes_) {
        const std::size_t held = prefix.share.memory.held();
        if (held > (heaviest ? heaviest->memory : 0))
            heaviest = {key, held, prefix.connections};
    }
    return heaviest;
}

void AddressCaps::forget_old(const Rate &attempts, Time now)
{
    Duration age = remembered;
    if (attempts.per_second != 0)
        age = std::max(age, std::chrono::duration_cast<Duration>(
                                std::chrono::duration<double>{(attempts.burst + 1.0) / attempts.per_second}));
    std::erase_if(prefixes_,
                  [&](const auto &entry) { return entry.second.connections == 0 && now - entry.second.last > age; });
    forget_at_ = std::max<std::size_t>(1024, 2 * prefixes_.size());
}

} // namespace jabberd::net
