// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/login/session_start.h"

#include "session_manager/presence/session_end.h"

namespace jabberd::session_manager {

namespace {

constexpr std::size_t most_sessions = 50; // of one user: devices, not robots

} // namespace

SessionStart begin_session(Core &core, LockedDirectory &locked, User &user, const std::string &resource,
                           const std::string &connection)
{
    if (user.unreadable)
        return {nullptr, condition_of(*user.unreadable)};
    if (!user.exists) // removed while the password was checked
        return {nullptr, Condition::NotAuthorized};
    if (user.locked)
        return {nullptr, Condition::Forbidden};
    if (core.stopping)
        return {nullptr, Condition::ServiceUnavailable};
    if (Session *former = locked.session(user.address + '/' + resource))
        end_session(core, locked, *former, "logged in again elsewhere",
                    packet::EndReason{"conflict", "A newer login has the name of this session"});
    if (user.sessions.size() >= most_sessions)
        return {nullptr, Condition::ResourceConstraint};
    Session &session = locked.add_session(user, resource, connection);
    locked.afterwards([&core, begun = session.shared_from_this()] {
        core.log.info("a login succeeded", {{"SESSION", begun->id}, {"CONNECTION", begun->connection}});
    });
    return {&session, std::nullopt};
}

} // namespace jabberd::session_manager
