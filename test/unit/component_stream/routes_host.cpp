// SPDX-License-Identifier: LGPL-2.1-or-later
#include "routes_host.h"

#include "base/view.h"
#include "support/packet_from_xml.h"
#include "xml/packet_text.h"

namespace jabberd::test {

namespace {

RoutesHost &self(const jabberd_host *host)
{
    return *static_cast<RoutesHost *>(host->host_data);
}

} // namespace

RoutesHost::RoutesHost(std::string id) : id_(std::move(id)), name_(id_.c_str())
{
    host_.size = sizeof host_;
    host_.name = "routes-host";
    host_.version = "0";
    host_.id = id_.c_str();
    host_.names = &name_;
    host_.name_count = 1;
    host_.host_data = this;
    host_.register_handler = [](const jabberd_host *host, jabberd_order, jabberd_handler its, void *data) {
        self(host).handler = its;
        self(host).handler_data = data;
        return true;
    };
    host_.deliver = [](const jabberd_host *host, const jabberd_packet *packet) {
        std::string text;
        xml::append_packet(text, *packet);
        RoutesHost &here = self(host);
        if (here.on_deliver)
            here.on_deliver();
        const std::lock_guard lock{here.mutex_};
        here.delivered_.push_back(text);
        here.changed_.notify_all();
        return here.delivery.load();
    };
    host_.log = [](const jabberd_host *host, const jabberd_log_record *record) {
        std::string line{text(record->message)};
        for (std::size_t i = 0; i < record->field_count; ++i)
            line.append(" ").append(record->fields[i].name).append("=").append(text(record->fields[i].value));
        RoutesHost &here = self(host);
        const std::lock_guard lock{here.mutex_};
        here.logs_.push_back(line);
        here.changed_.notify_all();
    };
    host_.report = [](const jabberd_host *host, const jabberd_config *at, jabberd_log_level level,
                      const char *message) {
        const std::lock_guard lock{self(host).mutex_};
        self(host).reports_.push_back((level == JABBERD_LOG_ERROR ? "error" : "warning") + std::string{" in line "} +
                                      std::to_string(at->line) + ": " + message);
    };
    host_.get_extension = [](const jabberd_host *host, const char *wanted_id) -> const void * {
        const std::string_view wanted{wanted_id};
        if (wanted == JABBERD_ROUTES)
            return &self(host).routes_;
        return wanted == JABBERD_SUCCESSION && self(host).succession ? host : nullptr;
    };
    routes_.size = sizeof routes_;
    routes_.claim = [](const jabberd_host *host, jabberd_view name) {
        RoutesHost &here = self(host);
        const std::lock_guard lock{here.mutex_};
        if (here.taken.contains(std::string{text(name)}))
            return JABBERD_NAME_TAKEN;
        here.claimed_.emplace(text(name));
        here.changed_.notify_all();
        return JABBERD_CLAIMED;
    };
    routes_.give_up = [](const jabberd_host *host, jabberd_view name) {
        RoutesHost &here = self(host);
        const std::lock_guard lock{here.mutex_};
        here.claimed_.erase(std::string{text(name)});
        here.changed_.notify_all();
    };
    routes_.congested = [](const jabberd_host *host, jabberd_view name) {
        const std::lock_guard lock{self(host).mutex_};
        self(host).congestion_.push_back("congested " + std::string{text(name)});
        self(host).changed_.notify_all();
    };
    routes_.ready = [](const jabberd_host *host, jabberd_view name) {
        {
            const std::lock_guard lock{self(host).mutex_};
            self(host).congestion_.push_back("ready " + std::string{text(name)});
            self(host).changed_.notify_all();
        }
        if (self(host).on_ready)
            self(host).on_ready();
    };
}

jabberd_result RoutesHost::handle(const std::string &xml)
{
    const OwnedPacket packet = packet_from_xml(xml);
    return handler(handler_data, &packet.packet());
}

std::optional<std::string> RoutesHost::next()
{
    std::unique_lock lock{mutex_};
    if (!wait(lock, [&] { return given_ < delivered_.size(); }))
        return std::nullopt;
    return delivered_[given_++];
}

std::vector<std::string> RoutesHost::delivered() const
{
    const std::lock_guard lock{mutex_};
    return {delivered_.begin() + static_cast<std::ptrdiff_t>(given_), delivered_.end()};
}

std::set<std::string> RoutesHost::claimed(std::size_t count)
{
    std::unique_lock lock{mutex_};
    wait(lock, [&] { return claimed_.size() == count; });
    return claimed_;
}

bool RoutesHost::wait_for_log(const std::string &part)
{
    std::unique_lock lock{mutex_};
    return wait(lock, [&] {
        for (const std::string &line : logs_) {
            if (line.find(part) != std::string::npos)
                return true;
        }
        return false;
    });
}

} // namespace jabberd::test
