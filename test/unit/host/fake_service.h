// SPDX-License-Identifier: LGPL-2.1-or-later
// A service whose component is a few functions of the test.
#pragma once

#include "base/view.h"
#include "host/config/mistakes.h"
#include "host/routing/router.h"
#include "host/routing/service.h"
#include "xml/packet_text.h"

#include <jabberd/domains.h>
#include <jabberd/handover.h>
#include <jabberd/routes.h>

#include <atomic>
#include <cstring>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

namespace jabberd::host {
class FakeComponent;
}

struct jabberd_instance {
    jabberd::host::FakeComponent *fake;
};

namespace jabberd::host {

// One instance of it at a time.
class FakeComponent {
public:
    explicit FakeComponent(jabberd_thread_model model = JABBERD_PARALLEL)
        : component{sizeof component, model, nullptr, create, start, nullptr, nullptr, destroy, resume, get_extension}
    {
        being_created_ = this;
    }
    FakeComponent(const FakeComponent &) = delete;
    FakeComponent &operator=(const FakeComponent &) = delete;

    // What the handler does; without it, it takes everything.
    std::function<jabberd_result(const jabberd_packet &)> on_packet = [](const jabberd_packet &) {
        return JABBERD_DONE;
    };
    std::function<void()> on_resume = [] {};
    std::function<void()> on_destroy = [] {};

    // As a component that keeps its destinations apart.
    bool has_destinations = false;
    std::string peer; // of every packet
    std::function<void(std::string_view)> on_resume_of = [](std::string_view) {};
    std::function<void()> on_names_changed = [] {};

    // Its handover: what it returns decides whether it succeeds.
    std::function<void()> on_create = [] {};
    std::function<bool()> on_freeze = [] { return true; };
    std::function<bool()> on_thaw = [] { return true; };
    std::function<void()> on_commit = [] {};
    bool starts = true;
    bool registers_in_create = true;
    jabberd_snapshot snapshot{sizeof snapshot, nullptr, 0, nullptr, 0, nullptr, 0};
    const jabberd_snapshot *seen = nullptr; // by thaw()

    jabberd_delivery deliver(const jabberd_packet &packet) { return host_->deliver(host_, &packet); }
    void ready() { host_->ready(host_); }
    bool register_now() { return host_->register_handler(host_, JABBERD_DELIVER, handle, this); }
    bool is_offered(const char *extension) { return host_->get_extension(host_, extension) != nullptr; }
    bool claim()
    {
        const auto *takeover = static_cast<const jabberd_takeover *>(host_->get_extension(host_, JABBERD_TAKEOVER));
        return takeover != nullptr && takeover->claim(host_);
    }
    const jabberd_routes &routes()
    {
        return *static_cast<const jabberd_routes *>(host_->get_extension(host_, JABBERD_ROUTES));
    }
    std::vector<std::string> domains()
    {
        const auto *all = static_cast<const jabberd_domains *>(host_->get_extension(host_, JABBERD_DOMAINS));
        std::vector<std::string> names;
        const auto add = [](void *data, jabberd_view name) {
            static_cast<std::vector<std::string> *>(data)->emplace_back(text(name));
        };
        all->names(host_, add, &names);
        return names;
    }
    jabberd_claim claim_name(std::string_view name) { return routes().claim(host_, view(name)); }
    void give_up_name(std::string_view name) { routes().give_up(host_, view(name)); }
    void congested(std::string_view name) { routes().congested(host_, view(name)); }
    void ready(std::string_view name) { routes().ready(host_, view(name)); }
    std::vector<std::string> names()
    {
        std::vector<std::string> names;
        routes().names(
            host_,
            [](void *data, jabberd_view name) {
                static_cast<std::vector<std::string> *>(data)->emplace_back(text(name));
            },
            &names);
        return names;
    }
    void log(std::string_view message)
    {
        const jabberd_log_record record{sizeof record, JABBERD_LOG_WARNING, view(message), nullptr, 0};
        host_->log(host_, &record);
    }
    void add_handler(jabberd_order order, jabberd_handler handler, void *data)
    {
        add_.push_back([=](const jabberd_host *host) { return host->register_handler(host, order, handler, data); });
    }

    // Everything the handler saw, as XML.
    std::vector<std::string> received()
    {
        const std::lock_guard lock{mutex_};
        return received_;
    }
    std::string last() { return received().empty() ? "" : received().back(); }
    bool was_offered_succession() const { return was_offered_succession_; }

    const jabberd_component component;

private:
    static jabberd_instance *create(const jabberd_host *host, const jabberd_config *)
    {
        FakeComponent *self = being_created_;
        self->host_ = host;
        self->was_offered_succession_ = self->is_offered(JABBERD_SUCCESSION);
        if (self->registers_in_create)
            host->register_handler(host, JABBERD_DELIVER, handle, self);
        self->on_create();
        return &self->instance_;
    }
    static bool start(jabberd_instance *instance)
    {
        for (const auto &add : instance->fake->add_)
            add(instance->fake->host_);
        return instance->fake->starts;
    }
    static void destroy(jabberd_instance *instance) { instance->fake->on_destroy(); }
    static void resume(jabberd_instance *instance) { instance->fake->on_resume(); }

    static const void *get_extension(jabberd_instance *instance, const char *id)
    {
        static const jabberd_destinations destinations{
            sizeof destinations,
            [](jabberd_instance *self, jabberd_view name) { self->fake->on_resume_of(text(name)); },
            [](jabberd_instance *self) { self->fake->on_names_changed(); },
            [](jabberd_instance *self, const jabberd_packet *, bool arrives, jabberd_name_sink sink, void *data) {
                if (!self->fake->peer.empty())
                    sink(data, view((arrives ? "from-" : "to-") + self->fake->peer));
            }};
        if (std::strcmp(id, JABBERD_DESTINATIONS) == 0)
            return instance->fake->has_destinations ? &destinations : nullptr;
        static const jabberd_handover handover{sizeof handover, freeze, thaw, commit};
        return std::strcmp(id, JABBERD_HANDOVER) == 0 ? &handover : nullptr;
    }
    static const jabberd_snapshot *freeze(jabberd_instance *instance, unsigned)
    {
        return instance->fake->on_freeze() ? &instance->fake->snapshot : nullptr;
    }
    static bool thaw(jabberd_instance *instance, const jabberd_snapshot *snapshot)
    {
        instance->fake->seen = snapshot;
        return instance->fake->on_thaw();
    }
    static void commit(jabberd_instance *instance) { instance->fake->on_commit(); }

    static jabberd_result handle(void *data, const jabberd_packet *packet)
    {
        auto *self = static_cast<FakeComponent *>(data);
        std::string xml;
        xml::append_packet(xml, *packet);
        {
            const std::lock_guard lock{self->mutex_};
            self->received_.push_back(std::move(xml));
        }
        return self->on_packet(*packet);
    }

    static inline FakeComponent *being_created_ = nullptr; // the youngest

    jabberd_instance instance_{this};
    const jabberd_host *host_ = nullptr;
    bool was_offered_succession_ = false;
    std::vector<std::function<bool(const jabberd_host *)>> add_;
    std::mutex mutex_;
    std::vector<std::string> received_;
};

class FakeService : public FakeComponent {
public:
    FakeService(Router &router, const std::string &id, std::vector<std::string> names,
                jabberd_thread_model model = JABBERD_PARALLEL)
        : FakeComponent(model), service(id, std::move(names), component, router)
    {
        router.add(service);
        Mistakes mistakes;
        service.create(jabberd_config{}, mistakes);
    }

    Service service; // after what its component uses
};

// <message to='…' from='…'>…</message>
inline jabberd_packet message(std::string_view to, std::string_view from, std::string_view body = "<body>hi</body>")
{
    jabberd_packet packet{};
    packet.size = sizeof packet;
    packet.name = view("message");
    packet.to = view(to);
    packet.from = view(from);
    packet.body = view(body);
    return packet;
}

inline jabberd_packet session_message(std::string_view sto, std::string_view sfrom)
{
    jabberd_packet packet = message("bob@foo.com", "alice@foo.com");
    packet.type = view("chat");
    packet.sto = view(sto);
    packet.sfrom = view(sfrom);
    return packet;
}

} // namespace jabberd::host
