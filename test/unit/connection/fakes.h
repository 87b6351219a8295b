// SPDX-License-Identifier: LGPL-2.1-or-later
// What the rooms of a connection have around them in these tests: a host that notes, a clock that stands, no thread.
#pragma once

#include "base/view.h"
#include "connection/surroundings.h"
#include "net/transport.h"
#include "xml/packet_text.h"

#include <algorithm>
#include <cstddef>
#include <deque>
#include <string>
#include <vector>

namespace jabberd::connection {

class HeldClock final : public Clock {
public:
    Time now() const override { return now_; }
    void pass(Duration duration) { now_ += duration; }

private:
    Time now_{std::chrono::hours{1}};
};

class NotingHost {
public:
    NotingHost()
    {
        abi.size = sizeof abi;
        abi.host_data = this;
        abi.deliver = [](const jabberd_host *host, const jabberd_packet *packet) {
            auto &self = *static_cast<NotingHost *>(host->host_data);
            xml::append_packet(self.delivered.emplace_back(), *packet);
            return self.full ? JABBERD_FULL : JABBERD_DELIVERED;
        };
        abi.log = [](const jabberd_host *host, const jabberd_log_record *record) {
            static_cast<NotingHost *>(host->host_data)->logged.emplace_back(text(record->message));
        };
    }
    NotingHost(const NotingHost &) = delete;
    NotingHost &operator=(const NotingHost &) = delete;

    jabberd_host abi{};
    std::vector<std::string> delivered, logged;
    bool full = false;
};

class FakeSurroundings : private event::Turns, private Owner {
public:
    HeldClock clock;
    NotingHost host;
    Shared shared{host.abi, clock};
    event::Loop loop{clock, *this};
    std::shared_ptr<config::Options> options = std::make_shared<config::Options>();
    Surroundings around{shared, loop, *this, options, nullptr};

private:
    void on_turn_end() override {}
    void flush_later(Connection &) override {}
    void next_turn(Connection &) override {}
    void retire(Connection &) override {}
    void retire(Detached &) override {}
    std::string detach(Connection &, std::unique_ptr<Detached>) override { return {}; }
    void resume(Connection &, const ResumptionId &, std::uint32_t) override {}
    void give_up_memory(const Relief &) override {}
};

// Takes so many bytes of each write, and blocks when nothing is left of them.
class FakeTransport final : public net::Transport {
public:
    std::string written;
    std::deque<std::size_t> room; // of the writes to come; empty: all there is

    net::Moved read(std::span<char>) override { return {net::Outcome::WantRead}; }
    net::Moved write(std::string_view from) override
    {
        std::size_t taken = from.size();
        if (!room.empty()) {
            taken = std::min(taken, room.front());
            room.pop_front();
        }
        if (taken == 0)
            return {net::Outcome::WantWrite};
        written += from.substr(0, taken);
        return {net::Outcome::Progress, taken};
    }
    void shutdown_write() override {}
    int fd() const override { return -1; }
    std::string security() const override { return {}; }
};

inline jabberd_packet message(std::string_view body)
{
    jabberd_packet packet{};
    packet.size = sizeof packet;
    packet.name = view("message");
    packet.body = view(body);
    return packet;
}

} // namespace jabberd::connection
