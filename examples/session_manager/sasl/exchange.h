// SPDX-License-Identifier: LGPL-2.1-or-later
// A SASL exchange: what a connection has begun with <auth/> or <authenticate/>, until success or failure.
#pragma once

#include "session_manager/core/core.h"
#include "session_manager/login/sasl_answer.h"
#include "session_manager/sasl/mechanism.h"

#include <memory>
#include <optional>
#include <string>

namespace jabberd::sessions {

struct Exchange {
    const Profile profile;
    const MechanismKind &kind;
    const std::string connection;
    const std::string host; // prepared
    const ConnectionInfo info;
    const bool downgrade_matters;              // for Mechanism
    const std::optional<std::string> resource; // to bind at once (XEP-0386)

    // Of the storage thread.
    std::optional<Mechanism> mechanism = std::nullopt;
    bool over = false; // nothing more is expected from the client
};

// Takes what the client has sent, and answers, later. The exchange has to be in core.exchanges, and leaves it when it
// is over; taken out before, it ends without an answer. [any-thread]
void continue_exchange(Core &core, std::shared_ptr<Exchange> exchange, Secret input, SaslAnswer answer);

} // namespace jabberd::sessions
