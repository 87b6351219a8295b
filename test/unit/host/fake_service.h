// SPDX-License-Identifier: LGPL-2.1-or-later
// A service whose component is a few functions of the test.
#pragma once

#include "base/view.h"
#include "config/mistakes.h"
#include "routing/router.h"
#include "routing/service.h"
#include "xml/packet_text.h"

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

namespace jabberd::host {
class FakeService;
}

struct jabberd_instance {
    jabberd::host::FakeService *fake;
};

namespace jabberd::host {

class FakeService {
public:
    FakeService(Router &router, const std::string &id, std::vector<std::string> names,
                jabberd_thread_model model = JABBERD_PARALLEL)
        : component_{sizeof component_, model, nullptr, create, start, nullptr, nullptr, destroy, resume, nullptr}
        , service(id, std::move(names), component_, router)
    {
        router.add(service);
        being_created_ = this;
        Mistakes mistakes;
        service.create(jabberd_config{}, mistakes);
    }

    // What the handler does; without it, it takes everything.
    std::function<jabberd_result(const jabberd_packet &)> on_packet = [](const jabberd_packet &) {
        return JABBERD_DONE;
    };
    std::function<void()> on_resume = [] {};

    jabberd_delivery deliver(const jabberd_packet &packet) { return host_->deliver(host_, &packet); }
    void ready() { host_->ready(host_); }
    bool register_now() { return host_->register_handler(host_, JABBERD_DELIVER, handle, this); }
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

private:
    static jabberd_instance *create(const jabberd_host *host, const jabberd_config *)
    {
        FakeService *self = being_created_;
        self->host_ = host;
        host->register_handler(host, JABBERD_DELIVER, handle, self);
        return &self->instance_;
    }
    static bool start(jabberd_instance *instance)
    {
        for (const auto &add : instance->fake->add_)
            add(instance->fake->host_);
        return true;
    }
    static void destroy(jabberd_instance *) {}
    static void resume(jabberd_instance *instance) { instance->fake->on_resume(); }

    static jabberd_result handle(void *data, const jabberd_packet *packet)
    {
        auto *self = static_cast<FakeService *>(data);
        std::string xml;
        xml::append_packet(xml, *packet);
        {
            const std::lock_guard lock{self->mutex_};
            self->received_.push_back(std::move(xml));
        }
        return self->on_packet(*packet);
    }

    static inline FakeService *being_created_ = nullptr;

    const jabberd_component component_;
    jabberd_instance instance_{this};
    const jabberd_host *host_ = nullptr;
    std::vector<std::function<bool(const jabberd_host *)>> add_;
    std::mutex mutex_;
    std::vector<std::string> received_;

public:
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
