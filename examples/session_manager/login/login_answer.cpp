// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/login/login_answer.h"

#include "base/address.h"
#include "base/view.h"

namespace jabberd::session_manager {

LoginAnswer::LoginAnswer(Core &core, const jabberd_packet &request, std::string echo)
    : core_(&core)
    , connection_(text(request.sfrom))
    , host_(split_address(text(request.sto)).host)
    , id_(text(request.id))
    , echo_(std::move(echo))
    , has_id_(present(request.id))
{
}

void LoginAnswer::result(std::string_view body) const
{
    LockedDirectory locked{core_->directory};
    send(locked, "result", body);
}

void LoginAnswer::error(Condition condition, std::string_view explanation) const
{
    LockedDirectory locked{core_->directory};
    send(locked, "error", echo_ + error_element(condition, explanation));
}

void LoginAnswer::error(LockedDirectory &locked, Condition condition) const
{
    send(locked, "error", echo_ + error_element(condition));
}

Work LoginAnswer::take_work(std::size_t bytes) const
{
    Work work = core_->take_work(core_->causer_before_login(connection_), bytes);
    if (!work)
        error(Condition::ResourceConstraint, too_much_waits);
    return work;
}

void LoginAnswer::accept(LockedDirectory &locked, Session &session, std::string_view body) const
{
    locked.give_as_session(session, reply("result", body));
}

void LoginAnswer::send(LockedDirectory &locked, std::string_view type, std::string_view body) const
{
    jabberd_packet packet = reply(type, body);
    packet.sto = view(connection_);
    packet.sfrom = view(host_);
    locked.post(packet);
}

jabberd_packet LoginAnswer::reply(std::string_view type, std::string_view body) const
{
    jabberd_packet packet = make_packet("iq", type, {}, {}, body);
    if (has_id_)
        packet.id = view(id_);
    return packet;
}

} // namespace jabberd::session_manager
