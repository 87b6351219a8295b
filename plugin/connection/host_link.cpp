// SPDX-License-Identifier: LGPL-2.1-or-later
#include "connection/host_link.h"

#include "base/view.h"
#include "packet/notice.h"
#include "packet/returned_packet.h"

#include <array>
#include <cassert>

namespace jabberd::connection {

void HostLink::deliver(const jabberd_packet &packet)
{
    const std::uint64_t before = congestion_.load() & ~std::uint64_t{1};
    if (host_.deliver(&host_, &packet) != JABBERD_FULL)
        return;
    // In one step: were it full for a moment after its resume, a worker that has already been told of the resume would
    // wait for another.
    std::uint64_t now = before;
    congestion_.compare_exchange_strong(now, before | 1);
}

void HostLink::return_packet(const jabberd_packet &packet)
{
    if (!present(packet.sfrom)) {
        log(JABBERD_LOG_WARNING,
            "a session packet for a connection that is gone has no sfrom to return it to, ignoring",
            {{"STO", text(packet.sto)}});
        return;
    }
    if (packet::is_disconnected(packet))
        return;
    deliver(packet::ReturnedPacket{packet, packet::Undelivered::Disconnected}.packet());
}

void HostLink::resumed()
{
    std::uint64_t before = congestion_.load();
    while (!congestion_.compare_exchange_weak(before, (before | 1) + 1))
        ;
}

void HostLink::log(jabberd_log_level level, std::string_view message, std::initializer_list<LogField> fields)
{
    std::array<jabberd_log_field, 12> views;
    assert(fields.size() <= views.size());
    std::size_t count = 0;
    for (const LogField &field : fields)
        views[count++] = {field.name, view(field.value)};
    const jabberd_log_record record{sizeof record, level, view(message), views.data(), count};
    host_.log(&host_, &record);
}

} // namespace jabberd::connection
