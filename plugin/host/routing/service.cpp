// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/routing/service.h"

#include "host/routing/router.h"

#include <algorithm>
#include <utility>

namespace jabberd::host {

namespace {

// What may wait for one serialized or paused component: a burst of a few thousand clients, not a leak.
constexpr std::size_t max_waiting_bytes = 64 * 1024 * 1024;

std::vector<const char *> pointers_to(const std::vector<std::string> &names)
{
    std::vector<const char *> pointers;
    pointers.reserve(names.size() + 1);
    for (const std::string &name : names)
        pointers.push_back(name.c_str());
    return pointers;
}

} // namespace

Service::Service(std::string id, std::vector<std::string> names, const jabberd_component &component, Router &router)
    : id_(std::move(id))
    , names_(std::move(names))
    , c_names_(pointers_to(names_))
    , router_(router)
    , current_(std::make_unique<Instance>(*this, component))
    , inbox_(*this, component.thread_model, max_waiting_bytes)
{
}

bool Service::create(const jabberd_config &element, Mistakes &mistakes)
{
    if (!current_->create(element, mistakes))
        return false;
    alive_.open();
    return true;
}

bool Service::start()
{
    if (!current_->start())
        return false;
    inbox_.open();
    return true;
}

void Service::stop(std::chrono::milliseconds deadline)
{
    const auto end = std::chrono::steady_clock::now() + deadline;
    commands_.end_by(end);
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    current_->stop(std::max(left, std::chrono::milliseconds{0}));
}

void Service::destroy()
{
    if (instance() == nullptr)
        return;
    commands_.end();
    const auto rest = inbox_.close();
    alive_.close();
    router_.give_up_claims(*this);
    congestion_.end();
    for (const OwnedPacket &waiting : rest)
        router_.give_back(waiting.packet(), packet::Undelivered::NotTaken);
    current_->destroy();
}

bool Service::pause(std::chrono::steady_clock::time_point deadline)
{
    if (!commands_.end_by(deadline))
        return false;
    // In this order: a handler may be waiting for resume().
    if (!inbox_.pause(deadline))
        return false;
    if (alive_.close_by(deadline))
        return true;
    go_on();
    return false;
}

std::unique_ptr<Instance> Service::succeed(std::unique_ptr<Instance> next)
{
    inbox_.change_model(next->component().thread_model);
    return std::exchange(current_, std::move(next));
}

void Service::go_on()
{
    alive_.open();
    inbox_.open();
    if (!router_.holds_back(*this))
        resume("");
    names_changed();
}

jabberd_delivery Service::deliver(Service *from, const jabberd_packet &packet)
{
    if (!inbox_.deliver(packet)) {
        router_.give_back(packet, packet::Undelivered::NotTaken);
        return JABBERD_DELIVERED;
    }
    const bool line_is_full = inbox_.congestion().tell(from);
    const bool is_congested = congestion_.tell(from);
    return line_is_full || is_congested ? JABBERD_FULL : JABBERD_DELIVERED;
}

ServiceCounters Service::counters() const
{
    const std::uint64_t returned = packets_.sum(PacketResult::Returned);
    return {packets_.sum(PacketResult::Taken) + packets_.sum(PacketResult::Congested) + returned, returned};
}

void Service::receive(const jabberd_packet &packet)
{
    const Congestion::Moment moment = congestion_.moment();
    const jabberd_result result = current_->ask_handlers(packet);
    if (result == JABBERD_DONE)
        return packets_.add(packet, PacketResult::Taken);
    if (result == JABBERD_CONGESTED) {
        packets_.add(packet, PacketResult::Congested);
        return congestion_.begin(moment);
    }
    packets_.add(packet, PacketResult::Returned);
    router_.give_back(packet, packet::Undelivered::NotTaken);
}

void Service::resume(std::string_view name)
{
    if (!alive_.enter())
        return;
    current_->resume(name);
    alive_.leave();
}

std::string Service::shown(const jabberd_packet &packet, bool arrives)
{
    std::string shown = id_;
    if (!alive_.enter())
        return shown;
    if (const std::string peer = current_->peer_of(packet, arrives); !peer.empty())
        shown.append("/").append(peer);
    alive_.leave();
    return shown;
}

void Service::names_changed()
{
    if (!alive_.enter())
        return;
    current_->names_changed();
    alive_.leave();
}

bool Service::holds_back(const Service &sender) const
{
    return inbox_.congestion().has_told(&sender) || congestion_.has_told(&sender);
}

} // namespace jabberd::host
