// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/routing/instance.h"

#include "base/view.h"
#include "host/config/mistakes.h"
#include "host/log/log.h"
#include "host/routing/host_functions.h"
#include "host/routing/service.h"

#include <jabberd/inspect.h>
#include <jabberd/routes.h>

#include <algorithm>
#include <utility>

namespace jabberd::host {

namespace {

constexpr std::size_t max_notes = 20; // more is in the log

// Sets a variable for the time of a call into the component.
template <typename T, typename Value>
class During {
public:
    During(T &variable, Value value) : variable_(variable) { variable_ = value; }
    ~During() { variable_ = Value{}; }
    During(const During &) = delete;
    During &operator=(const During &) = delete;

private:
    T &variable_;
};

} // namespace

Instance::Instance(Service &service, const jabberd_component &component)
    : service_(service), component_(component), host_(host_for(*this, service.id().c_str(), service.c_names()))
{
}

bool Instance::create(const jabberd_config &element, Mistakes &mistakes)
{
    const During reporting{mistakes_, &mistakes};
    const During registering{takes_handlers_, true};
    instance_ = component_.create(&host_, &element);
    return instance_ != nullptr;
}

void Instance::check(const jabberd_check &check, const jabberd_config &element, Mistakes &mistakes)
{
    const During reporting{mistakes_, &mistakes};
    const std::size_t before = mistakes.all().size();
    if (!check.check(&host_, &element) && mistakes.all().size() == before)
        mistakes.error(element, "service '" + service_.id() + "' cannot be created with this");
}

bool Instance::create_successor(const jabberd_config &element, Mistakes &mistakes)
{
    const During succeeding{is_successor_, true};
    return create(element, mistakes);
}

bool Instance::claim()
{
    Claim expected = Claim::Open;
    return claim_.compare_exchange_strong(expected, Claim::Claimed) || expected == Claim::Claimed;
}

void Instance::give_claim_back()
{
    Claim expected = Claim::Claimed;
    claim_.compare_exchange_strong(expected, Claim::Open);
}

bool Instance::abandon()
{
    Claim expected = Claim::Open;
    return claim_.compare_exchange_strong(expected, Claim::TooLate);
}

void Instance::look_at_extensions()
{
    is_inspected_ = extension(JABBERD_INSPECT) != nullptr;
}

std::string Instance::what_it_lacks(const Instance &old) const
{
    if (old.extension(JABBERD_INSPECT) != nullptr && !is_inspected_)
        return "does not offer " JABBERD_INSPECT ", as the old one does";
    for (const Handler &handler : old.handlers_) {
        const bool has_same = std::ranges::any_of(
            handlers_, [&](const Handler &own) { return own.order == handler.order && own.in_create; });
        if (handler.in_create && !has_same)
            return "registers no handler of order " + std::to_string(handler.order) +
                   " in create(), as the old one does: it would not answer for what that answers for";
    }
    return "";
}

bool Instance::start()
{
    const During registering{takes_handlers_, true};
    return component_.start(instance_);
}

bool Instance::reload(const jabberd_config &element, Mistakes &mistakes)
{
    const During reporting{mistakes_, &mistakes};
    return component_.reload(instance_, &element);
}

void Instance::stop(std::chrono::milliseconds deadline)
{
    if (instance_ != nullptr && component_.stop != nullptr)
        component_.stop(instance_, static_cast<unsigned>(deadline.count()));
}

void Instance::destroy()
{
    if (instance_ == nullptr)
        return;
    component_.destroy(instance_);
    instance_ = nullptr;
}

jabberd_result Instance::ask_handlers(const jabberd_packet &packet) const
{
    for (const Handler &handler : handlers_) {
        const jabberd_result result = handler.function(handler.data, &packet);
        if (result != JABBERD_PASS)
            return result;
    }
    return JABBERD_PASS;
}

void Instance::resume(std::string_view name)
{
    if (const auto *destinations = name.empty() ? nullptr : this->destinations();
        destinations != nullptr && destinations->resume != nullptr)
        destinations->resume(instance_, view(name));
    else if (component_.resume != nullptr)
        component_.resume(instance_);
}

void Instance::names_changed()
{
    if (const auto *destinations = this->destinations();
        destinations != nullptr && JABBERD_HAS(destinations, names_changed) && destinations->names_changed != nullptr)
        destinations->names_changed(instance_);
}

std::string Instance::peer_of(const jabberd_packet &packet, bool arrives) const
{
    std::string peer;
    if (const auto *destinations = this->destinations();
        destinations != nullptr && JABBERD_HAS(destinations, peer) && destinations->peer != nullptr) {
        const auto sink = [](void *data, jabberd_view name) { *static_cast<std::string *>(data) = text(name); };
        destinations->peer(instance_, &packet, arrives, sink, &peer);
    }
    return peer;
}

const jabberd_destinations *Instance::destinations() const
{
    return static_cast<const jabberd_destinations *>(extension(JABBERD_DESTINATIONS));
}

const void *Instance::extension(const char *name) const
{
    if (instance_ == nullptr || component_.get_extension == nullptr)
        return nullptr;
    return component_.get_extension(instance_, name);
}

bool Instance::add_handler(Handler handler)
{
    if (!takes_handlers_ || handler.function == nullptr || is_abandoned())
        return false;
    handler.in_create = instance_ == nullptr; // its instance is what create() returns
    const auto place = std::upper_bound(handlers_.begin(), handlers_.end(), handler.order,
                                        [](jabberd_order order, const Handler &other) { return order < other.order; });
    handlers_.insert(place, handler);
    return true;
}

void Instance::log(const jabberd_log_record &record)
{
    if (takes_notes_.load(std::memory_order_relaxed) && record.level <= JABBERD_LOG_WARNING) {
        const std::lock_guard lock{mutex_};
        if (notes_.size() < max_notes)
            notes_.emplace_back(text(record.message));
    }
    if (log::enabled(record.level))
        log::write(record.level, service_.id(), text(record.message), {record.fields, record.field_count});
}

std::vector<std::string> Instance::take_notes()
{
    takes_notes_ = false;
    const std::lock_guard lock{mutex_};
    return std::exchange(notes_, {});
}

} // namespace jabberd::host
