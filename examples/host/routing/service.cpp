// SPDX-License-Identifier: LGPL-2.1-or-later
#include "routing/service.h"

#include "routing/host_functions.h"
#include "routing/router.h"

#include <algorithm>

namespace jabberd::host {

namespace {

// What may wait for one serialized component: a burst of a few thousand clients, not a leak.
constexpr std::size_t max_waiting_bytes = 64 * 1024 * 1024;

// Sets a variable for the time of a call into the component.
template <typename T>
class During {
public:
    During(T &variable, T value) : variable_(variable) { variable_ = value; }
    ~During() { variable_ = T{}; }
    During(const During &) = delete;
    During &operator=(const During &) = delete;

private:
    T &variable_;
};

} // namespace

Service::Service(std::string id, std::vector<std::string> names, const jabberd_component &component, Router &router)
    : id_(std::move(id))
    , names_(std::move(names))
    , component_(component)
    , router_(router)
    , host_()
    , inbox_(*this, component.thread_model, max_waiting_bytes)
{
    for (const std::string &name : names_)
        c_names_.push_back(name.c_str());
    host_ = host_for(*this, id_.c_str(), c_names_);
}

bool Service::create(const jabberd_config &element, Mistakes &mistakes)
{
    const During reporting{mistakes_, &mistakes};
    const During registering{takes_handlers_, true};
    instance_ = component_.create(&host_, &element);
    if (instance_ == nullptr)
        return false;
    alive_.open();
    return true;
}

bool Service::start()
{
    {
        const During registering{takes_handlers_, true};
        if (!component_.start(instance_))
            return false;
    }
    inbox_.open();
    return true;
}

bool Service::reload(const jabberd_config &element, Mistakes &mistakes)
{
    const During reporting{mistakes_, &mistakes};
    return component_.reload(instance_, &element);
}

void Service::stop(std::chrono::milliseconds deadline)
{
    if (component_.stop != nullptr)
        component_.stop(instance_, static_cast<unsigned>(deadline.count()));
}

void Service::destroy()
{
    if (instance_ == nullptr)
        return;
    const auto rest = inbox_.close();
    alive_.close();
    congestion_.end();
    for (const OwnedPacket &waiting : rest)
        router_.give_back(waiting.packet(), Refusal::NotTaken);
    component_.destroy(instance_);
    instance_ = nullptr;
}

jabberd_delivery Service::deliver(Service *from, const jabberd_packet &packet)
{
    if (!inbox_.deliver(packet)) {
        router_.give_back(packet, Refusal::NotTaken);
        return JABBERD_DELIVERED;
    }
    const bool line_is_full = inbox_.congestion().tell(from);
    const bool is_congested = congestion_.tell(from);
    return line_is_full || is_congested ? JABBERD_FULL : JABBERD_DELIVERED;
}

void Service::receive(const jabberd_packet &packet)
{
    received_.fetch_add(1, std::memory_order_relaxed);
    const Congestion::Moment moment = congestion_.moment();
    const jabberd_result result = ask_handlers(packet);
    if (result == JABBERD_DONE)
        return;
    if (result == JABBERD_CONGESTED)
        return congestion_.begin(moment);
    returned_.fetch_add(1, std::memory_order_relaxed);
    router_.give_back(packet, Refusal::NotTaken);
}

jabberd_result Service::ask_handlers(const jabberd_packet &packet)
{
    for (const Handler &handler : handlers_) {
        const jabberd_result result = handler.function(handler.data, &packet);
        if (result != JABBERD_PASS)
            return result;
    }
    return JABBERD_PASS;
}

bool Service::add_handler(const Handler &handler)
{
    if (!takes_handlers_ || handler.function == nullptr)
        return false;
    const auto place = std::upper_bound(handlers_.begin(), handlers_.end(), handler.order,
                                        [](jabberd_order order, const Handler &other) { return order < other.order; });
    handlers_.insert(place, handler);
    return true;
}

void Service::resume()
{
    if (component_.resume == nullptr || !alive_.enter())
        return;
    component_.resume(instance_);
    alive_.leave();
}

const void *Service::extension(const char *name) const
{
    if (instance_ == nullptr || component_.get_extension == nullptr)
        return nullptr;
    return component_.get_extension(instance_, name);
}

} // namespace jabberd::host
