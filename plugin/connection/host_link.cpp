// SPDX-License-Identifier: LGPL-2.1-or-later
#include "connection/host_link.h"

#include "base/view.h"
#include "session/notice.h"

#include <array>
#include <cassert>

namespace jabberd::connection {

void HostLink::deliver(const jabberd_packet &packet)
{
    const std::uint64_t before = resumes_.load();
    if (host_.deliver(&host_, &packet) != JABBERD_FULL)
        return;
    full_.store(true);
    if (resumes_.load() != before)
        full_.store(false);
}

void HostLink::return_packet(const jabberd_packet &packet, std::string_view reason)
{
    if (!present(packet.sfrom)) {
        log(JABBERD_LOG_WARNING, "a session packet for a connection that is gone has no sfrom to return it to, ignoring", {{"STO", text(packet.sto)}});
        return;
    }
    if (session::is_disconnected(packet))
        return;
    const session::ReturnedPacket returned{packet, reason};
    deliver(returned.packet());
}

void HostLink::resumed()
{
    ++resumes_;
    full_.store(false);
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
