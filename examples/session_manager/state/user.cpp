// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/state/user.h"

#include "base/address.h"
#include "session_manager/base/jid.h"

namespace jabberd::session_manager {

bool User::blocks(std::string_view other) const
{
    if (blocklist.empty())
        return false;
    auto jid = prepare_jid(other);
    if (!jid) // a resource that cannot be prepared does not unblock the address before it
        jid = prepare_jid(bare_address(other));
    if (!jid || jid->bare() == address)
        return false;
    const bool is_own_host = jid->user.empty() && jid->host == split_address(address).host;
    return !is_own_host && blocklist.covers(jid->full());
}

} // namespace jabberd::session_manager
