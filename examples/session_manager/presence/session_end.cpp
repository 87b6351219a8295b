// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/presence/session_end.h"

#include "session_manager/presence/presence.h"

namespace jabberd::session_manager {

void end_session(Core &core, LockedDirectory &locked, Session &session, std::string_view reason,
                 std::optional<packet::EndReason> end)
{
    locked.afterwards([&core, reason, ended = session.shared_from_this()] {
        core.log.info("a session ended",
                      {{"SESSION", ended->id}, {"CONNECTION", ended->connection}, {"REASON", reason}});
    });
    presence::withdraw(core, locked, session, make_packet("presence", "unavailable", session.id, {}));
    if (end)
        locked.give_as_session(session, packet::EndNotice{{}, {}, *end}.packet());
    locked.remove_session(session);
}

} // namespace jabberd::session_manager
