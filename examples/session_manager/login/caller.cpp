// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/login/caller.h"

#include "base/address.h"
#include "base/view.h"

namespace jabberd::session_manager {

Caller::Caller(Core &core, const jabberd_packet &request, std::string echo)
    : core_(&core)
    , connection_(text(request.sfrom))
    , host_(split_address(text(request.sto)).host)
    , id_(text(request.id))
    , echo_(std::move(echo))
    , has_id_(present(request.id))
{
}

void Caller::result(std::string_view body) const
{
    Turn turn{core_->directory};
    send(turn, "result", body);
}

void Caller::error(Condition condition, std::string_view explanation) const
{
    Turn turn{core_->directory};
    send(turn, "error", echo_ + error_element(condition, explanation));
}

void Caller::error(Turn &turn, Condition condition) const
{
    send(turn, "error", echo_ + error_element(condition));
}

void Caller::accept(Turn &turn, Session &session, std::string_view body) const
{
    turn.give_as_session(session, reply("result", body));
}

void Caller::send(Turn &turn, std::string_view type, std::string_view body) const
{
    jabberd_packet packet = reply(type, body);
    packet.sto = view(connection_);
    packet.sfrom = view(host_);
    turn.post(packet);
}

jabberd_packet Caller::reply(std::string_view type, std::string_view body) const
{
    jabberd_packet packet = make_packet("iq", type, {}, {}, body);
    if (has_id_)
        packet.id = view(id_);
    return packet;
}

} // namespace jabberd::session_manager
