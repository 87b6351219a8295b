// SPDX-License-Identifier: LGPL-2.1-or-later
#include "connection/host_link.h"

#include "base/address.h"
#include "base/host_name.h"
#include "base/view.h"
#include "packet/notice.h"
#include "packet/returned_packet.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <utility>

namespace jabberd::connection {

namespace {

bool is_listed(const std::vector<std::string> &names, std::string_view name)
{
    return std::ranges::any_of(names, [&](const std::string &one) { return same_host(one, name); });
}

} // namespace

void HostLink::deliver(const jabberd_packet &packet)
{
    const std::uint64_t before = resumes_.load();
    if (host_.deliver(&host_, &packet) != JABBERD_FULL)
        return;
    // Not for a moment after its resume: a worker that has already been told of that would wait for another.
    const std::lock_guard lock{mutex_};
    const std::string_view destination = split_address(text(present(packet.sto) ? packet.sto : packet.to)).host;
    if (resumes_.load() != before || is_listed(full_, destination))
        return;
    full_.emplace_back(destination);
    is_any_full_ = true;
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

bool HostLink::is_among_full(std::string_view session_manager) const
{
    const std::lock_guard lock{mutex_};
    return are_all_full_ || is_listed(full_, session_manager);
}

void HostLink::resumed()
{
    const std::lock_guard lock{mutex_};
    ++resumes_;
    full_.clear();
    is_any_full_ = are_all_full_ = false;
}

void HostLink::resumed(std::string_view session_manager)
{
    const std::lock_guard lock{mutex_};
    ++resumes_;
    std::erase_if(full_, [&](const std::string &name) { return same_host(name, session_manager); });
    are_all_full_ = false;
    is_any_full_ = !full_.empty();
}

std::vector<std::string> HostLink::full_names() const
{
    const std::lock_guard lock{mutex_};
    return are_all_full_ ? std::vector<std::string>{} : full_;
}

void HostLink::begin_full(std::vector<std::string> names)
{
    const std::lock_guard lock{mutex_};
    full_ = std::move(names);
    are_all_full_ = full_.empty();
    is_any_full_ = true;
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
