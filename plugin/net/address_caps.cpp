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
    if (customers_.size() >= forget_at_)
        forget_old(attempts, now);
    Customer &customer =
        customers_.try_emplace(address.customer(), Customer{0, TokenBucket{attempts, now}, now}).first->second;
    customer.last = now;
    if (max_connections != 0 && customer.connections >= max_connections)
        return Verdict::TooMany;
    if (!take(customer, attempts, now))
        return Verdict::TooFast;
    ++customer.connections;
    return Verdict::Admitted;
}

bool AddressCaps::spend(const SocketAddress &address, const Rate &attempts, Time now)
{
    const std::lock_guard lock{mutex_};
    const auto customer = customers_.find(address.customer());
    return customer == customers_.end() || take(customer->second, attempts, now);
}

bool AddressCaps::take(Customer &customer, const Rate &attempts, Time now)
{
    if (attempts.per_second == 0)
        return true;
    customer.attempts.refill(attempts, now);
    if (customer.attempts.ready_at(attempts) > now)
        return false;
    customer.attempts.take(attempts, 1, now);
    return true;
}

void AddressCaps::adopt(const SocketAddress &address)
{
    const std::lock_guard lock{mutex_};
    const Customer fresh{0, TokenBucket{{}, Time{}}, Time{}}; // fills up at the next attempt
    ++customers_.try_emplace(address.customer(), fresh).first->second.connections;
}

void AddressCaps::release(const SocketAddress &address)
{
    const std::lock_guard lock{mutex_};
    const auto customer = customers_.find(address.customer());
    if (customer != customers_.end() && customer->second.connections > 0)
        --customer->second.connections;
}

void AddressCaps::forget_old(const Rate &attempts, Time now)
{
    Duration age = remembered;
    if (attempts.per_second != 0)
        age = std::max(age, std::chrono::duration_cast<Duration>(
                                std::chrono::duration<double>{(attempts.burst + 1.0) / attempts.per_second}));
    std::erase_if(customers_,
                  [&](const auto &entry) { return entry.second.connections == 0 && now - entry.second.last > age; });
    forget_at_ = std::max<std::size_t>(1024, 2 * customers_.size());
}

} // namespace jabberd::net
