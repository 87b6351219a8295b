// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/iq/answer.h"

#include "base/view.h"

namespace jabberd::session_manager::iq {

Answer::Answer(Core &core, const jabberd_packet &request)
    : core_(&core)
    , to_(text(request.from))
    , from_(text(request.to))
    , id_(text(request.id))
    , has_id_(present(request.id))
{
}

void Answer::result(std::string_view body) const
{
    LockedDirectory locked{core_->directory};
    result(locked, body);
}

void Answer::result(LockedDirectory &locked, std::string_view body) const
{
    send(locked, "result", body);
}

void Answer::result_later(LockedDirectory &locked, Outgoing::Body body) const
{
    jabberd_packet packet = make_packet("iq", "result", from_, to_, {});
    if (has_id_)
        packet.id = view(id_);
    if (Session *session = locked.session(to_))
        locked.give(*session, packet, std::move(body));
}

void Answer::error(Condition condition, std::string_view explanation) const
{
    LockedDirectory locked{core_->directory};
    error(locked, condition, explanation);
}

void Answer::error(LockedDirectory &locked, Condition condition, std::string_view explanation) const
{
    send(locked, "error",
         error_element(
             condition,
             explanation)); // RFC 6120 §8.3.1: the request's children may be left out, the id says which one it was
}

Work Answer::take_work(std::size_t bytes) const
{
    Work work = core_->take_work(core_->causer_of(to_), bytes);
    if (!work)
        error(Condition::ResourceConstraint, too_much_waits);
    return work;
}

void Answer::change(std::string contact, User::Operation operation) const
{
    LockedDirectory locked{core_->directory};
    if (const Session *session = locked.session(to_))
        locked.change(*session->user, std::move(contact), std::move(operation));
}

void Answer::send(LockedDirectory &locked, std::string_view type, std::string_view body) const
{
    jabberd_packet packet = make_packet(
        "iq", type, from_, to_, body); // a request without a to gets an answer without a from (RFC 6120 §8.1.2.1)
    if (has_id_)
        packet.id = view(id_);
    core_->send(locked, packet);
}

} // namespace jabberd::session_manager::iq
