// SPDX-License-Identifier: LGPL-2.1-or-later
// A session asks for copies of its user's messages, or for none any more (XEP-0280 §4, §5).
#include "session_manager/iq/request.h"

#include "base/view.h"

namespace jabberd::session_manager::iq {

namespace {

void set_carbons(Core &core, const Request &request, const Answer &answer, bool wanted)
{
    LockedDirectory locked{core.directory};
    Session *session = locked.session(text(request.packet.from));
    if (session == nullptr)
        return;
    session->carbons = wanted;
    answer.result(locked);
}

} // namespace

void enable_carbons(Core &core, const Request &request, const Answer &answer)
{
    set_carbons(core, request, answer, true);
}

void disable_carbons(Core &core, const Request &request, const Answer &answer)
{
    set_carbons(core, request, answer, false);
}

} // namespace jabberd::session_manager::iq
