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
    Turn turn{core_->directory};
    result(turn, body);
}

void Answer::result(Turn &turn, std::string_view body) const
{
    send(turn, "result", body);
}

void Answer::error(Condition condition, std::string_view explanation) const
{
    Turn turn{core_->directory};
    error(turn, condition, explanation);
}

void Answer::error(Turn &turn, Condition condition, std::string_view explanation) const
{
    send(turn, "error",
         error_element(
             condition,
             explanation)); // RFC 6120 §8.3.1: the request's children may be left out, the id says which one it was
}

void Answer::send(Turn &turn, std::string_view type, std::string_view body) const
{
    jabberd_packet packet =
        make_packet("iq", type, from_, to_, body); // a request to nobody gets an answer from nobody (RFC 6120 §8.1.2.1)
    if (has_id_)
        packet.id = view(id_);
    core_->send(turn, packet);
}

} // namespace jabberd::session_manager::iq
