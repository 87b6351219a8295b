// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/returned.h"

#include "base/address.h"
#include "base/view.h"
#include "packet/notice.h"
#include "session_manager/base/jid.h"
#include "session_manager/messages/carbons.h"
#include "session_manager/messages/messages.h"
#include "session_manager/presence/session_end.h"

#include <algorithm>
#include <optional>
#include <string>

namespace jabberd::session_manager {

namespace {

// The session that a 510 is about: named by its full id in a notice, by its bare address in a stanza that comes back.
Session *session_behind(LockedDirectory &locked, std::string_view id, std::string_view connection)
{
    if (Session *session = locked.session_of(id, connection))
        return session;
    const User *user = locked.user(bare_address(id));
    if (user == nullptr)
        return nullptr;
    const auto found = std::ranges::find(user->sessions, connection,
                                         [](const auto &session) { return std::string_view{session->connection}; });
    return found == user->sessions.end() ? nullptr : found->get();
}

} // namespace

void take_returned(Core &core, const jabberd_packet &packet)
{
    const std::string_view id = text(packet.sto), connection = text(packet.sfrom);
    core.exchanges.erase(connection);
    core.unbound.erase(connection);
    core.addresses.erase(connection);
    const auto hidden = packet::hidden_packet(packet);
    const std::string address{bare_address(id)};
    jabberd_packet message = packet;
    if (hidden) {
        message.sto = {}; // sfrom tells whose copy it is
        message.type = hidden->type ? view(*hidden->type) : jabberd_view{};
        message.body = view(hidden->body);
    }
    const auto carbon = hidden ? carbons::carbon_in(message, address) : std::nullopt;
    LockedDirectory locked{core.directory};
    if (Session *session = session_behind(locked, id, connection))
        end_session(core, locked, *session, "disconnected", std::nullopt);
    else if (!locked.recently_ended(id, connection))
        return; // we never delivered anything there

    if (!hidden || text(packet.name) != "message" || text(message.type) == "error")
        return;
    if (carbon && carbon->side == carbons::Side::Sent)
        return; // its sender has it
    if (carbon) {
        message = carbon->message.packet();
        message.sfrom = packet.sfrom;
    }
    const auto to = prepare_jid(present(message.to) ? text(message.to) : address);
    if (!to || to->bare() != address)
        return; // never was for this user
    core.pass(locked, address, message, messages::receive_returned, Admission::Owed);
}

} // namespace jabberd::session_manager
