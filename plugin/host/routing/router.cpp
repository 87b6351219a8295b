// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/routing/router.h"

#include "base/address.h"
#include "base/view.h"
#include "host/log/log.h"
#include "host/routing/beyond.h"
#include "host/routing/service.h"
#include "host/trace/trace.h"

#include <algorithm>

namespace jabberd::host {

namespace {

// Two components that answer each other's answers would otherwise recurse until the stack ends. Real packets make three
// or four hops.
constexpr unsigned max_hops = 64;

// How many route()s of this thread are inside each other.
thread_local unsigned hops = 0;

struct Hop {
    Hop() { ++hops; }
    ~Hop() { --hops; }
    Hop(const Hop &) = delete;
    Hop &operator=(const Hop &) = delete;
};

void log_drop(jabberd_log_level level, const jabberd_packet &packet, std::string_view why)
{
    log::write(level, "host", why,
               {{"NAME", text(packet.name)},
                {"TO", text(packet.to)},
                {"FROM", text(packet.from)},
                {"STO", text(packet.sto)},
                {"SFROM", text(packet.sfrom)}});
}

} // namespace

std::size_t HostNameHash::operator()(std::string_view name) const
{
    std::optional<std::string> ascii;
    if (has_other_spellings(name) && (ascii = host_in_ascii(name)))
        name = *ascii;
    // FNV-1a over the lower-cased name. Names come from the operator's configuration, so no client can attack the hash.
    std::uint64_t hash = 14695981039346656037u;
    for (const char c : name) {
        const bool is_upper = c >= 'A' && c <= 'Z';
        hash ^= static_cast<unsigned char>(is_upper ? c | 0x20 : c);
        hash *= 1099511628211u;
    }
    return static_cast<std::size_t>(hash);
}

bool HostNameEqual::operator()(std::string_view a, std::string_view b) const
{
    return same_host(a, b);
}

void Router::add(Service &service)
{
    for (const std::string &name : service.names()) {
        if (name.empty())
            every_other_name_ = &service;
        else
            names_.emplace(name, &service);
    }
}

Service *Router::find(const jabberd_packet &packet) const
{
    const bool in_session = present(packet.sto);
    const std::string_view host = split_address(text(in_session ? packet.sto : packet.to)).host;
    if (const auto found = names_.find(host); found != names_.end())
        return found->second;
    return in_session || host.empty() ? nullptr : every_other_name_;
}

jabberd_delivery Router::route(Service *from, const jabberd_packet &packet)
{
    const Hop hop;
    Service *to = find(packet);
    const bool goes_beyond =
        to == nullptr && beyond_ != nullptr && present(present(packet.sto) ? packet.sto : packet.to);
    if (trace_.active())
        show(from, to, goes_beyond, packet);
    if (hops > max_hops) {
        log_drop(JABBERD_LOG_WARNING, packet, "a packet went round in a circle between components, ignoring");
        return JABBERD_DELIVERED;
    }
    if (to != nullptr)
        return to->deliver(from, packet);
    if (goes_beyond)
        return send_beyond(from, packet);
    give_back(packet, packet::Undelivered::UnknownHost);
    return JABBERD_DELIVERED;
}

const char *Router::host_name() const
{
    return beyond_ == nullptr ? "jabberd-host" : beyond_->name();
}

void Router::show(const Service *from, const Service *to, bool goes_beyond, const jabberd_packet &packet)
{
    const auto name_of = [&](const Service *service, bool is_beyond) -> std::string_view {
        if (service != nullptr)
            return service->id();
        return is_beyond ? host_name() : "";
    };
    trace_.show(name_of(from, beyond_ != nullptr), name_of(to, goes_beyond), packet);
}

jabberd_delivery Router::send_beyond(Service *from, const jabberd_packet &packet)
{
    const Congestion::Moment moment = beyond_congestion_.moment();
    if (beyond_->take(packet) == JABBERD_CONGESTED)
        beyond_congestion_.begin(moment);
    return beyond_congestion_.tell(from == nullptr ? nullptr : &from->sender()) ? JABBERD_FULL : JABBERD_DELIVERED;
}

bool Router::holds_back(const Service &sender) const
{
    return beyond_congestion_.has_told(&sender.sender()) ||
           (every_other_name_ != nullptr && every_other_name_->holds_back(sender)) ||
           std::any_of(names_.begin(), names_.end(),
                       [&](const auto &named) { return named.second->holds_back(sender); });
}

void Router::give_back(const jabberd_packet &packet, packet::Undelivered why)
{
    // A session packet is written by components alone; one that cannot even go back means a mistake in them or in the
    // configuration. Of the others, clients can make any number.
    if (!packet::may_return(packet))
        return log_drop(present(packet.sto) ? JABBERD_LOG_WARNING : JABBERD_LOG_DEBUG, packet,
                        "a packet that nobody took cannot be returned, ignoring");
    route(nullptr, packet::ReturnedPacket{packet, why}.packet());
}

} // namespace jabberd::host
