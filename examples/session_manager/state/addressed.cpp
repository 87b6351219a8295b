// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/state/addressed.h"

#include "base/address.h"
#include "base/view.h"
#include "session_manager/base/jid.h"

namespace jabberd::sessions {

Session *addressed_session(Turn &turn, const User &user, const jabberd_packet &packet)
{
    const auto resource = prepare_resource(split_address(text(packet.to)).resource);
    return resource ? turn.session(user.address + '/' + *resource) : nullptr;
}

} // namespace jabberd::sessions
