// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/state/ended_sessions.h"

#include "base/address.h"

namespace jabberd::session_manager {

namespace {

std::string key(std::string_view session, std::string_view connection)
{
    // What comes back names the session as it was sent: stanzas under the bare address, notices under the full id. A
    // connection is one session's for ever.
    std::string key{bare_address(session)};
    key += '\0'; // in neither
    key += connection;
    return key;
}

} // namespace

void EndedSessions::add(std::string_view session, std::string_view connection)
{
    std::string ended = key(session, connection);
    if (!known_.insert(ended).second)
        return;
    order_.push_back(std::move(ended));
    if (order_.size() <= capacity)
        return;
    known_.erase(order_.front());
    order_.pop_front();
}

bool EndedSessions::contains(std::string_view session, std::string_view connection) const
{
    return known_.count(key(session, connection)) != 0;
}

} // namespace jabberd::session_manager
