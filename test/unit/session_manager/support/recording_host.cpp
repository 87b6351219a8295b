// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/recording_host.h"

#include "base/view.h"

#include <chrono>

namespace jabberd::test {

namespace {

constexpr std::chrono::seconds patience{10};

RecordingHost &self(const jabberd_host *host)
{
    return *static_cast<RecordingHost *>(host->host_data);
}

} // namespace

RecordingHost::RecordingHost(std::vector<std::string> names) : names_(std::move(names))
{
    for (const std::string &name : names_)
        name_pointers_.push_back(name.c_str());
    host_.size = sizeof host_;
    host_.name = "recording-host";
    host_.version = "0";
    host_.id = "sessions";
    host_.names = name_pointers_.data();
    host_.name_count = name_pointers_.size();
    host_.host_data = this;
    host_.register_handler = [](const jabberd_host *host, jabberd_order, jabberd_handler handler, void *data) {
        self(host).handler_ = handler;
        self(host).data_ = data;
        return true;
    };
    host_.deliver = [](const jabberd_host *host, const jabberd_packet *packet) {
        RecordingHost &recorder = self(host);
        {
            const std::lock_guard lock{recorder.mutex_};
            recorder.packets_[std::string{text(packet->sto)}].emplace_back(*packet);
        }
        recorder.arrived_.notify_all();
        if (recorder.on_deliver)
            recorder.on_deliver(*packet);
        return recorder.delivery.load();
    };
    host_.ready = [](const jabberd_host *host) { ++self(host).readies_; };
    host_.log = [](const jabberd_host *host, const jabberd_log_record *record) {
        std::string line{text(record->message)};
        for (std::size_t i = 0; i < record->field_count; ++i)
            line.append(" ").append(record->fields[i].name).append("=").append(text(record->fields[i].value));
        const std::lock_guard lock{self(host).mutex_};
        self(host).logs_.push_back(line);
    };
    host_.report = [](const jabberd_host *host, const jabberd_config *at, jabberd_log_level level,
                      const char *message) {
        const std::lock_guard lock{self(host).mutex_};
        self(host).reports_.push_back(std::string{level == JABBERD_LOG_ERROR ? "error" : "warning"} + " in line " +
                                      std::to_string(at->line) + ": " + message);
    };
    host_.get_extension = [](const jabberd_host *, const char *) -> const void * { return nullptr; };
}

OwnedPacket RecordingHost::next(const std::string &sto)
{
    std::unique_lock lock{mutex_};
    auto &queue = packets_[sto];
    if (!arrived_.wait_for(lock, patience, [&] { return !queue.empty(); }))
        return {};
    OwnedPacket packet = std::move(queue.front());
    queue.pop_front();
    return packet;
}

} // namespace jabberd::test
