// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/accounts/registration_rate.h"

#include "net/socket_address.h"

#include <sys/socket.h>

#include <algorithm>
#include <utility>

namespace jabberd::session_manager {

std::string network_of(std::string_view address)
{
    const auto parsed = net::SocketAddress::parse(address, 0);
    if (!parsed)
        return std::string{address};
    if (parsed->family() != AF_INET6)
        return parsed->host();
    constexpr std::string_view digits = "0123456789abcdef";
    const auto prefix = parsed->prefix();
    std::string text;
    for (std::size_t i = 1; i < prefix.size(); ++i) { // the first byte is the family
        text += digits[prefix[i] >> 4];
        text += digits[prefix[i] & 15];
        if (i % 2 == 0)
            text += ':';
    }
    return text + ":/64";
}

RegistrationRate::Verdict RegistrationRate::admit(std::string_view address, const net::Rate &rate, Time now)
{
    if (rate.per_second == 0)
        return Verdict::Admitted;
    const std::lock_guard lock{mutex_};
    if (customers_.size() >= forget_at_)
        forget_full(rate, now);
    Customer &customer =
        customers_.try_emplace(network_of(address), Customer{net::TokenBucket{rate, now}, false}).first->second;
    customer.registrations.refill(rate, now);
    if (customer.registrations.ready_at(rate) > now)
        return std::exchange(customer.refused, true) ? Verdict::RefusedAgain : Verdict::Refused;
    customer.registrations.take(rate, 1, now);
    customer.refused = false;
    return Verdict::Admitted;
}

// What has its whole allowance again is as good as new.
void RegistrationRate::forget_full(const net::Rate &rate, Time now)
{
    std::erase_if(customers_, [&](auto &entry) {
        net::TokenBucket whole = entry.second.registrations;
        whole.take(rate, rate.burst, now);
        return whole.ready_at(rate) <= now;
    });
    forget_at_ = std::max<std::size_t>(1024, 2 * customers_.size());
}

} // namespace jabberd::session_manager
