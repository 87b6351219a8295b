// SPDX-License-Identifier: LGPL-2.1-or-later
#include "connection/returns.h"

#include "base/address.h"
#include "base/view.h"
#include "packet/notice.h"
#include "packet/returned_packet.h"

#include <functional>

namespace jabberd::connection {

namespace {

// The same words twice are nothing unusual; a session manager that sends them for the fourth time had them back thrice.
constexpr unsigned same_message = 3;

// Not all the same, for each time round adds something: more than this were never on their way when a client went.
constexpr unsigned to_one_connection = 1000;

constexpr Duration memory = std::chrono::minutes{10};
constexpr std::size_t max_remembered = 8192;

std::uint64_t key_of(std::initializer_list<jabberd_view> parts)
{
    std::uint64_t key = 0;
    for (const jabberd_view &part : parts)
        key = key * 0x100000001B3u ^ std::hash<std::string_view>{}(text(part));
    return key;
}

bool names_no_session(const jabberd_packet &packet)
{
    const Address from = split_address(text(packet.sfrom));
    return !from.user.empty() && from.resource.empty();
}

bool to_names_session(const jabberd_packet &packet)
{
    return !split_address(text(packet.to)).resource.empty() &&
           same_address(bare_address(text(packet.to)), text(packet.sfrom));
}

} // namespace

void Returns::undeliverable(const jabberd_packet &packet)
{
    if (!names_no_session(packet) || packet::is_disconnected(packet))
        return host_.return_packet(packet);
    const unsigned times_it_came = times(packet);
    if (times_it_came > same_message)
        return give_up(packet);
    jabberd_packet named = packet;
    // Not at once: the session may have ended, and another one may have its name by now.
    if (times_it_came > 1 && to_names_session(packet))
        named.sfrom = packet.to;
    host_.return_packet(named);
}

unsigned Returns::times(const jabberd_packet &packet)
{
    const std::uint64_t message =
        key_of({packet.sto, packet.sfrom, packet.name, packet.to, packet.from, packet.id, packet.type, packet.body});
    const Time now = clock_.now();
    const std::lock_guard lock{mutex_};
    const unsigned all = count(key_of({packet.sto}), now);
    const unsigned same = count(message, now);
    return all > to_one_connection ? same_message + 1 : same;
}

unsigned Returns::count(std::uint64_t key, Time now)
{
    while (!order_.empty() && (order_.size() > max_remembered || now - seen_.at(order_.front()).since > memory)) {
        seen_.erase(order_.front());
        order_.pop_front();
    }
    const auto [found, is_new] = seen_.try_emplace(key, Seen{now, 0});
    if (is_new)
        order_.push_back(key);
    return ++found->second.count;
}

void Returns::save(handover::State &state) const
{
    for (const std::uint64_t key : order_) {
        const Seen &seen = seen_.at(key);
        state.returned.push_back({key, static_cast<std::uint64_t>(seen.since.time_since_epoch().count()), seen.count});
    }
}

void Returns::restore(const handover::State &state)
{
    for (const handover::ReturnedState &packet : state.returned) {
        const Time since{Duration{static_cast<Duration::rep>(packet.since)}};
        if (order_.size() < max_remembered && seen_.try_emplace(packet.key, Seen{since, packet.count}).second)
            order_.push_back(packet.key);
    }
}

void Returns::give_up(const jabberd_packet &packet)
{
    const bool has_author = text(packet.name) == "message" && text(packet.type) != "error" && present(packet.from);
    host_.log(JABBERD_LOG_WARNING,
              "a session manager goes on sending to a session whose connection is gone, and does not understand what "
              "comes back; " +
                  std::string{has_author ? "the author is told" : "dropped"},
              {{"CONNECTION", text(packet.sto)}, {"SFROM", text(packet.sfrom)}, {"FROM", text(packet.from)}});
    if (has_author)
        host_.deliver(packet::ReturnedPacket{packet::without_session(packet), packet::Undelivered::NotTaken}.packet());
}

} // namespace jabberd::connection
