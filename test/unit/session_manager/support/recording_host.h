// SPDX-License-Identifier: LGPL-2.1-or-later
// A host that routes nothing and remembers everything.
#pragma once

#include "base/owned_packet.h"

#include <jabberd/component.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace jabberd::test {

class RecordingHost {
public:
    explicit RecordingHost(std::vector<std::string> names);
    RecordingHost(const RecordingHost &) = delete;
    RecordingHost &operator=(const RecordingHost &) = delete;

    const jabberd_host *host() const { return &host_; }
    jabberd_result handle(const jabberd_packet &packet) { return handler_(data_, &packet); }

    // The next packet delivered with that sto ("": without one); waits for it. Empty after ten seconds without.
    OwnedPacket next(const std::string &sto);

    // Called with each packet, on the delivering thread, as a destination's handler would be.
    std::function<void(const jabberd_packet &)> on_deliver;
    std::atomic<jabberd_delivery> delivery = JABBERD_DELIVERED;

    std::vector<std::string> reports() const { return locked(reports_); }
    std::vector<std::string> logs() const { return locked(logs_); } // message and fields
    int readies() const { return readies_; }

private:
    std::vector<std::string> locked(const std::vector<std::string> &list) const
    {
        const std::lock_guard lock{mutex_};
        return list;
    }

    jabberd_host host_{};
    std::vector<std::string> names_;
    std::vector<const char *> name_pointers_;
    jabberd_handler handler_ = nullptr;
    void *data_ = nullptr;

    mutable std::mutex mutex_;
    std::condition_variable arrived_;
    std::map<std::string, std::deque<OwnedPacket>> packets_;
    std::vector<std::string> reports_, logs_;
    std::atomic<int> readies_ = 0;
};

} // namespace jabberd::test
