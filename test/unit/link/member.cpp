// SPDX-License-Identifier: LGPL-2.1-or-later
#include "member.h"

#include "base/view.h"
#include "link/names.h"
#include "net/listener.h"
#include "packet/returned_packet.h"
#include "support/packet_from_xml.h"
#include "support/patience.h"

#include <jabberd/inspect.h>

#include <algorithm>
#include <stdexcept>

extern "C" const jabberd_component jabberd_component_object_ __asm__(JABBERD_COMPONENT_SYMBOL);

namespace jabberd::link::test {

using jabberd::test::canonical;
using jabberd::test::packet_from_xml;

std::uint16_t free_port()
{
    return net::Listener{*net::SocketAddress::parse("127.0.0.1", 0)}.address().port();
}

Member::Member(std::vector<std::string> names, const std::string &section)
    : names_(names.begin(), names.end()), section_(section)
{
    host_.size = sizeof host_;
    host_.name = "member";
    host_.version = "0";
    host_.id = "link";
    host_.host_data = this;
    host_.register_handler = [](const jabberd_host *host, jabberd_order, jabberd_handler handler, void *data) {
        of(host).handler_ = handler;
        of(host).data_ = data;
        return true;
    };
    host_.deliver = [](const jabberd_host *host, const jabberd_packet *packet) { return of(host).deliver(*packet); };
    host_.ready = [](const jabberd_host *) {};
    host_.log = [](const jabberd_host *host, const jabberd_log_record *record) {
        const std::lock_guard lock{of(host).mutex_};
        of(host).log_.emplace_back(text(record->message));
        of(host).changed_.notify_all();
    };
    host_.report = [](const jabberd_host *host, const jabberd_config *at, jabberd_log_level, const char *message) {
        of(host).reports_.push_back(std::to_string(at->line) + ": " + message);
    };
    host_.get_extension = [](const jabberd_host *host, const char *id) -> const void * {
        if (std::string_view{id} == JABBERD_ROUTES)
            return &of(host).routes_;
        return std::string_view{id} == JABBERD_SUCCESSION && of(host).succeeds_ ? host : nullptr;
    };
    routes_.size = sizeof routes_;
    routes_.claim = [](const jabberd_host *host, jabberd_view name) {
        const std::lock_guard lock{of(host).mutex_};
        if (of(host).names_.contains(std::string{text(name)}))
            return JABBERD_NAME_TAKEN;
        of(host).claimed_.insert(std::string{text(name)});
        of(host).changed_.notify_all();
        return JABBERD_CLAIMED;
    };
    routes_.give_up = [](const jabberd_host *host, jabberd_view name) {
        const std::lock_guard lock{of(host).mutex_};
        of(host).claimed_.erase(std::string{text(name)});
        of(host).congested_.erase(std::string{text(name)});
        of(host).changed_.notify_all();
    };
    routes_.congested = [](const jabberd_host *host, jabberd_view name) {
        const std::lock_guard lock{of(host).mutex_};
        of(host).congested_.insert(std::string{text(name)});
        of(host).changed_.notify_all();
    };
    routes_.ready = [](const jabberd_host *host, jabberd_view name) {
        const std::lock_guard lock{of(host).mutex_};
        of(host).congested_.erase(std::string{text(name)});
        of(host).changed_.notify_all();
    };
    routes_.names = [](const jabberd_host *host, jabberd_name_sink sink, void *data) {
        std::set<std::string> all;
        {
            const std::lock_guard lock{of(host).mutex_};
            all = of(host).names_;
        }
        for (const std::string &name : all)
            sink(data, view(name));
    };
    live();
}

Member::~Member()
{
    if (instance_ != nullptr) {
        jabberd_component_object_.stop(instance_, 1'000);
        jabberd_component_object_.destroy(instance_);
    }
}

void Member::create(const std::string &section, bool succeeds)
{
    const jabberd::test::ConfigTree config{"<service id='link'>\n<link xmlns='jabber:config:link'>\n" + section +
                                           "\n</link>\n</service>"};
    succeeds_ = succeeds;
    instance_ = jabberd_component_object_.create(&host_, &config.root());
    succeeds_ = false;
}

void Member::live()
{
    dead_ = false;
    create(section_, false);
    if (instance_ != nullptr)
        jabberd_component_object_.start(instance_);
}

void Member::die()
{
    dead_ = true;
    // As a killed process: what it would say while it ends is not heard, and it does not wait for anybody.
    const jabberd_handover &old = handover(instance_);
    const jabberd_snapshot *snapshot = old.freeze(instance_, 1'000);
    const std::vector<int> descriptors(snapshot->descriptors, snapshot->descriptors + snapshot->descriptor_count);
    old.commit(instance_);
    jabberd_component_object_.destroy(instance_);
    for (const int fd : descriptors)
        ::close(fd);
    instance_ = nullptr;
    const std::lock_guard lock{mutex_};
    claimed_.clear();
    congested_.clear();
}

void Member::swap(const std::string &section)
{
    if (!section.empty())
        section_ = section;
    jabberd_instance *old = instance_;
    create(section_, true);
    if (instance_ == nullptr)
        throw std::runtime_error{"the successor was not created: " + (reports_.empty() ? "" : reports_.back())};
    const jabberd_snapshot *snapshot = handover(old).freeze(old, 1'000);
    if (!handover(instance_).thaw(instance_, snapshot))
        throw std::runtime_error{"the successor did not take over:\n" + log()};
    handover(old).commit(old);
    jabberd_component_object_.start(instance_);
    jabberd_component_object_.destroy(old);
}

const jabberd_handover &Member::handover(jabberd_instance *instance) const
{
    return *static_cast<const jabberd_handover *>(jabberd_component_object_.get_extension(instance, JABBERD_HANDOVER));
}

bool Member::reload(const std::string &section)
{
    const jabberd::test::ConfigTree config{"<service id='link'>\n<link xmlns='jabber:config:link'>\n" + section +
                                           "\n</link>\n</service>"};
    return jabberd_component_object_.reload(instance_, &config.root());
}

jabberd_delivery Member::deliver(const jabberd_packet &packet)
{
    if (dead_)
        return JABBERD_DELIVERED;
    bool served = false;
    {
        const std::lock_guard lock{mutex_};
        served = names_.contains(std::string{destination(packet)});
        if (served)
            packets_.push_back(canonical(packet));
    }
    changed_.notify_all();
    if (!served && packet::may_return(packet)) {
        const packet::ReturnedPacket back{packet, packet::Undelivered::UnknownHost};
        send(back.packet()); // it came from over there
    }
    return full_ ? JABBERD_FULL : JABBERD_DELIVERED;
}

jabberd_result Member::send(std::string_view xml)
{
    return send(packet_from_xml(xml).packet());
}

jabberd_result Member::send(const jabberd_packet &packet)
{
    return handler_(data_, &packet);
}

bool Member::wait_for(const std::function<bool()> &condition)
{
    const auto deadline = jabberd::test::Clock::now() + 2 * jabberd::test::patience;
    std::unique_lock lock{mutex_};
    while (!condition() && jabberd::test::Clock::now() < deadline)
        changed_.wait_for(lock, std::chrono::milliseconds{10}); // what it waits for may be another member's
    return condition();
}

std::string Member::next()
{
    if (!wait_for([&] { return next_ < packets_.size(); }))
        return "(nothing)\n" + log();
    const std::lock_guard lock{mutex_};
    return packets_[next_++];
}

std::size_t Member::arrived() const
{
    const std::lock_guard lock{mutex_};
    return packets_.size();
}

bool Member::wait_for_claim(const std::string &name, bool claimed)
{
    return wait_for([&] { return claimed_.contains(name) == claimed; });
}

bool Member::wait_for_congestion(const std::string &name, bool congested)
{
    return wait_for([&] { return congested_.contains(name) == congested; });
}

bool Member::wait_for_line(std::string_view part)
{
    return wait_for([&] {
        return std::ranges::any_of(log_, [&](const std::string &line) { return line.find(part) != std::string::npos; });
    });
}

std::size_t Member::lines_with(std::string_view part) const
{
    const std::lock_guard lock{mutex_};
    return static_cast<std::size_t>(
        std::ranges::count_if(log_, [&](const std::string &line) { return line.find(part) != std::string::npos; }));
}

std::string Member::log() const
{
    const std::lock_guard lock{mutex_};
    std::string all;
    for (const std::string &line : log_)
        all += line + "\n";
    return all;
}

std::vector<std::string> Member::reports() const
{
    return reports_;
}

std::string Member::status()
{
    std::string all;
    static_cast<const jabberd_inspect *>(jabberd_component_object_.get_extension(instance_, JABBERD_INSPECT))
        ->status(
            instance_,
            [](void *data, jabberd_view key, jabberd_view value) {
                *static_cast<std::string *>(data) += std::string{text(key)} + ": " + std::string{text(value)} + "\n";
            },
            &all);
    return all;
}

void Member::resume(const std::string &name)
{
    full_ = false;
    static_cast<const jabberd_destinations *>(jabberd_component_object_.get_extension(instance_, JABBERD_DESTINATIONS))
        ->resume(instance_, view(name));
}

void Member::add_name(const std::string &name)
{
    {
        const std::lock_guard lock{mutex_};
        names_.insert(name);
    }
    static_cast<const jabberd_destinations *>(jabberd_component_object_.get_extension(instance_, JABBERD_DESTINATIONS))
        ->names_changed(instance_);
}

} // namespace jabberd::link::test
