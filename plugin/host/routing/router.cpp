// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/routing/router.h"

#include "base/address.h"
#include "base/utf8.h"
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

// Names that are compared before any is hashed: to the letter, which is how packets have them.
constexpr std::size_t most_compared = 8;

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

void Router::add(Service &service)
{
    services_.push_back(&service);
    for (const std::string &name : service.names()) {
        if (name.empty()) {
            every_other_name_ = &service;
            continue;
        }
        const auto [named, is_new] = names_.emplace(name, &service);
        if (is_new && compared_.size() < most_compared)
            compared_.push_back(&*named);
    }
}

void Router::add_domains(const Service &service)
{
    for (const std::string &name : service.names()) {
        if (!name.empty())
            domains_.push_back(name);
    }
}

Service *Router::service_of(std::string_view name) const
{
    const auto found = std::ranges::find(compared_, name, &NameTable<Service *>::value_type::first);
    if (found != compared_.end())
        return (*found)->second;
    const auto named = names_.find(name);
    return named == names_.end() ? nullptr : named->second;
}

Router::Way Router::find(const Service *from, const jabberd_packet &packet) const
{
    const bool in_session = present(packet.sto);
    const jabberd_view &address = in_session ? packet.sto : packet.to;
    const std::string_view host = split_address(text(address)).host;
    if (Service *service = service_of(host))
        return {service, nullptr};
    if (auto claim = present(address) ? claims_.find(host) : nullptr) {
        const bool is_way_back = claim->service != nullptr && claim->service == from;
        const bool comes_first = !claim->name.empty() || in_session || every_other_name_ == nullptr;
        if (comes_first && !is_way_back)
            return {nullptr, std::move(claim)};
    }
    return {in_session || host.empty() ? nullptr : every_other_name_, nullptr};
}

jabberd_delivery Router::route(Service *from, const jabberd_packet &packet)
{
    const Hop hop;
    const Way way = find(from, packet);
    if (trace_.active())
        show(from, way, packet);
    if (hops > max_hops) {
        unroutable_.fetch_add(1, std::memory_order_relaxed);
        log_drop(JABBERD_LOG_WARNING, packet, "a packet went round in a circle between components, ignoring");
        return JABBERD_DELIVERED;
    }
    if (way.service != nullptr)
        return way.service->deliver(from, packet);
    if (way.claim)
        return send_by_claim(from, *way.claim, packet);
    unroutable_.fetch_add(1, std::memory_order_relaxed);
    give_back(packet, packet::Undelivered::UnknownHost);
    return JABBERD_DELIVERED;
}

const char *Router::host_name() const
{
    return beyond_ == nullptr ? "jabberd-host" : beyond_->name();
}

void Router::show(Service *from, const Way &way, const jabberd_packet &packet)
{
    Service *to = way.claim ? way.claim->service : way.service;
    const std::string nobody = beyond_ != nullptr ? host_name() : "";
    trace_.show(from != nullptr ? from->shown(packet, true) : nobody,
                to != nullptr ? to->shown(packet, false)
                : way.claim   ? nobody
                              : "",
                packet);
}

jabberd_delivery Router::send_by_claim(Service *from, Claim &claim, const jabberd_packet &packet)
{
    jabberd_delivery delivery = JABBERD_DELIVERED;
    if (claim.service != nullptr) {
        delivery = claim.service->deliver(from, packet);
    } else {
        const Congestion::Moment moment = claim.congestion.moment();
        if (claim.beyond->take(packet) == JABBERD_CONGESTED)
            claim.congestion.begin(moment);
    }
    return claim.congestion.tell(from == nullptr ? nullptr : &from->sender()) ? JABBERD_FULL : delivery;
}

void Router::beyond_is_ready()
{
    if (const auto claim = claims_.find(""))
        claim->congestion.end();
}

jabberd_claim Router::claim(Service &service, std::string_view name)
{
    if (!name.empty() && (name.find_first_of("@/") != name.npos || !is_utf8(name)))
        return JABBERD_NAME_INVALID;
    if (name.empty() ? every_other_name_ != nullptr : names_.contains(name))
        return JABBERD_NAME_TAKEN;
    bool changed = false;
    if (!claims_.add(name, service, changed))
        return JABBERD_NAME_TAKEN;
    if (changed)
        tell_of_names(service);
    return JABBERD_CLAIMED;
}

void Router::give_up_claim(Service &service, std::string_view name)
{
    if (claims_.remove(name, service))
        tell_of_names(service);
}

void Router::give_up_claims(Service &service)
{
    if (claims_.remove_all(service))
        tell_of_names(service);
}

void Router::set_congested(Service &service, std::string_view name, bool is_congested)
{
    const auto claim = claims_.find(name, service);
    if (!claim)
        return;
    if (is_congested)
        claim->congestion.begin();
    else
        claim->congestion.end();
}

std::vector<std::string> Router::names_besides(const Service &service) const
{
    std::vector<std::string> names;
    for (const auto &[name, owner] : names_)
        if (owner != &service)
            names.push_back(name);
    for (const auto &claim : claims_.all())
        if (claim->service != nullptr && claim->service != &service && !claim->name.empty())
            names.push_back(claim->name);
    return names;
}

void Router::tell_of_names(const Service &but)
{
    for (Service *service : services_)
        if (service != &but)
            service->names_changed();
}

bool Router::holds_back(const Service &sender) const
{
    const auto claims = claims_.all();
    return std::ranges::any_of(claims,
                               [&](const auto &claim) { return claim->congestion.has_told(&sender.sender()); }) ||
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
