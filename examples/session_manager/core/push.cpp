// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/core/push.h"

#include "base/view.h"
#include "session_manager/base/stanza.h"

#include <atomic>
#include <string>

namespace jabberd::session_manager {

void push(LockedDirectory &locked, const User &user, bool (*wants)(const Session &), std::string_view body)
{
    static std::atomic<unsigned> pushes = 0;
    const std::string id = "push-" + std::to_string(++pushes);
    for (const auto &session : user.sessions) {
        if (!wants(*session))
            continue;
        jabberd_packet packet = make_packet("iq", "set", {}, session->id, body);
        packet.id = view(id);
        locked.give(*session, packet);
    }
}

} // namespace jabberd::session_manager
