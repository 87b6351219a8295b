// SPDX-License-Identifier: LGPL-2.1-or-later
// A host whose only component is link.so.
#include "base/view.h"
#include "hop/way.h"
#include "stub/config_tree.h"

#include <jabberd/component.h>
#include <jabberd/routes.h>

#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <stdexcept>
#include <string_view>
#include <utility>

extern "C" const jabberd_component jabberd_component_object_ __asm__(JABBERD_COMPONENT_SYMBOL);

namespace jabberd::bench {

namespace {

class LinkEnd final : public Way {
public:
    LinkEnd(bool near, const std::string &section, Arrival arrival) : near_(near), arrival_(std::move(arrival))
    {
        make_host();
        const test::ConfigTree config{"<service id='link'><link xmlns='jabber:config:link'>" + section +
                                      "</link></service>"};
        instance_ = jabberd_component_object_.create(&host_, &config.root());
        if (instance_ == nullptr || !jabberd_component_object_.start(instance_))
            throw std::runtime_error{"the link does not start"};
    }
    ~LinkEnd() override
    {
        jabberd_component_object_.stop(instance_, 0);
        jabberd_component_object_.destroy(instance_);
    }

    void wait_until_there() override
    {
        std::unique_lock lock{mutex_};
        changed_.wait(lock, [&] { return claimed_; });
    }

    void send(const jabberd_packet &packet) override
    {
        {
            std::unique_lock lock{mutex_};
            changed_.wait(lock, [&] { return !congested_; });
        }
        if (handler_(data_, &packet) != JABBERD_DONE)
            throw std::runtime_error{"the link takes no packet"};
    }

private:
    static LinkEnd &of(const jabberd_host *host) { return *static_cast<LinkEnd *>(host->host_data); }

    void change(bool LinkEnd::*what, bool value)
    {
        {
            const std::lock_guard lock{mutex_};
            this->*what = value;
        }
        changed_.notify_all();
    }

    void make_host()
    {
        host_.size = sizeof host_;
        host_.name = "bench";
        host_.version = "0";
        host_.id = "link";
        host_.host_data = this;
        host_.register_handler = [](const jabberd_host *host, jabberd_order, jabberd_handler handler, void *data) {
            of(host).handler_ = handler;
            of(host).data_ = data;
            return true;
        };
        host_.deliver = [](const jabberd_host *host, const jabberd_packet *packet) {
            of(host).arrival_(*packet);
            return JABBERD_DELIVERED;
        };
        host_.ready = [](const jabberd_host *) {};
        host_.log = [](const jabberd_host *, const jabberd_log_record *record) {
            if (record->level >= JABBERD_LOG_WARNING)
                std::fprintf(stderr, "%.*s\n", static_cast<int>(record->message.size), record->message.data);
        };
        host_.report = [](const jabberd_host *, const jabberd_config *, jabberd_log_level, const char *message) {
            std::fprintf(stderr, "%s\n", message);
        };
        host_.get_extension = [](const jabberd_host *host, const char *id) -> const void * {
            return std::string_view{id} == JABBERD_ROUTES ? &of(host).routes_ : nullptr;
        };
        routes_.size = sizeof routes_;
        routes_.claim = [](const jabberd_host *host, jabberd_view) {
            of(host).change(&LinkEnd::claimed_, true);
            return JABBERD_CLAIMED;
        };
        routes_.give_up = [](const jabberd_host *host, jabberd_view) { of(host).change(&LinkEnd::claimed_, false); };
        routes_.congested = [](const jabberd_host *host, jabberd_view) { of(host).change(&LinkEnd::congested_, true); };
        routes_.ready = [](const jabberd_host *host, jabberd_view) { of(host).change(&LinkEnd::congested_, false); };
        routes_.names = [](const jabberd_host *host, jabberd_name_sink sink, void *data) {
            sink(data, view(of(host).near_ ? "near.example" : far_name));
        };
    }

    const bool near_;
    const Arrival arrival_;
    jabberd_host host_{};
    jabberd_routes routes_{};
    jabberd_instance *instance_ = nullptr;
    jabberd_handler handler_ = nullptr;
    void *data_ = nullptr;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool claimed_ = false, congested_ = false;
};

} // namespace

std::unique_ptr<Way> link_end(bool near, const std::string &carrier, Arrival arrival)
{
    return std::make_unique<LinkEnd>(near, std::string{"<name>"} + (near ? "near" : "far") + "</name>" + carrier,
                                     std::move(arrival));
}

} // namespace jabberd::bench
