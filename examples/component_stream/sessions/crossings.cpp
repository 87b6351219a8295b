// SPDX-License-Identifier: LGPL-2.1-or-later
#include "component_stream/sessions/crossings.h"

#include "base/address.h"
#include "base/view.h"
#include "packet/notice.h"

#include <utility>

namespace jabberd::component_stream {

namespace {

bool is_host(std::string_view address)
{
    return split_address(address).user.empty();
}

bool ends_session(const jabberd_packet &packet)
{
    return text(packet.type) == "error" && packet::is_disconnected(packet);
}

// Whether a packet of `address` may be one of the session: stanzas come from the bare address of its user.
bool is_of(std::string_view session, std::string_view address)
{
    return session == address || bare_address(session) == address || is_host(session);
}

} // namespace

Crossings::Crossing *Crossings::find(std::string_view connection)
{
    const auto found = by_place_.find(bare_address(connection));
    return found == by_place_.end() || found->second.connection != connection ? nullptr : &found->second;
}

// The first packet of a connection is a question to a host, and its answer comes from one: that tells which of the two
// addresses is the connection. Of a pair that never did this nothing is known here; the stream it began on was lost,
// and each end has been told.
void Crossings::note(const jabberd_packet &packet, Way way)
{
    const std::string_view to = text(packet.sto), from = text(packet.sfrom);
    if (to.empty() || from.empty())
        return;
    if (is_host(to) && !is_host(from)) {
        if (find(from) == nullptr)
            by_place_.insert_or_assign(std::string{bare_address(from)},
                                       Crossing{std::string{from}, std::string{to}, way == Way::Out});
        return;
    }
    const bool from_connection = find(from) != nullptr;
    Crossing *crossing = from_connection ? find(from) : find(to);
    if (crossing == nullptr)
        return;
    const std::string_view session = from_connection ? to : from;
    if (ends_session(packet)) {
        if (is_of(crossing->session, session))
            by_place_.erase(by_place_.find(bare_address(crossing->connection)));
        return;
    }
    // What the client sends names the session it has. Of what it is sent, the answer to its login does, in full; and
    // the bare address says only that it is logged in.
    const bool names_it = from_connection || !split_address(session).resource.empty() || is_host(crossing->session);
    if (!is_host(session) && names_it)
        crossing->session = session;
}

void Crossings::end_all(const std::function<void(const jabberd_packet &)> &tell)
{
    const ByPlace all = std::exchange(by_place_, {});
    for (const auto &[place, crossing] : all) {
        if (crossing.connection_is_ours) {
            const packet::EndNotice notice{crossing.connection,
                                           crossing.session,
                                           {"remote-connection-failed", "The session manager cannot be reached"}};
            tell(notice.packet());
        } else if (!is_host(crossing.session)) {
            tell(packet::disconnected_notice(crossing.session, crossing.connection));
        }
    }
}

std::vector<Crossings::Crossing> Crossings::all() const
{
    std::vector<Crossing> all;
    all.reserve(by_place_.size());
    for (const auto &[place, crossing] : by_place_)
        all.push_back(crossing);
    return all;
}

void Crossings::restore(Crossing crossing)
{
    std::string place{bare_address(crossing.connection)};
    by_place_.insert_or_assign(std::move(place), std::move(crossing));
}

} // namespace jabberd::component_stream
