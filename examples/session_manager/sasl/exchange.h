// SPDX-License-Identifier: LGPL-2.1-or-later
// A SASL exchange: what a connection has begun with <auth/> or <authenticate/>, until success or failure.
#pragma once

#include "session_manager/base/work.h"
#include "session_manager/sasl/mechanism.h"
#include "session_manager/sasl/profile.h"

#include <optional>
#include <string>

namespace jabberd::session_manager {

struct Exchange {
    const Profile profile;
    const MechanismKind &kind;
    const std::string connection;
    const std::string host; // prepared
    const ConnectionInfo info;
    const bool downgrade_matters;              // for Mechanism
    const std::optional<std::string> resource; // to bind at once (XEP-0386)
    const Work place;                          // among the logins in progress

    // Of the storage thread.
    std::optional<Mechanism> mechanism = std::nullopt;
    bool over = false; // nothing more is expected from the client
};

} // namespace jabberd::session_manager
