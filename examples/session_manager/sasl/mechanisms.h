// SPDX-License-Identifier: LGPL-2.1-or-later
// The SASL mechanisms we have, and which of them a connection is offered.
#pragma once

#include "session_manager/sasl/connection_info.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace jabberd::session_manager {

enum class Verifier { Sha256, Sha1, Password };

struct MechanismKind {
    std::string_view name;
    Verifier verifier;
    bool binds_channel;
};

// All of them, the best first.
std::span<const MechanismKind> all_mechanisms();

// Null when there is none of that name.
const MechanismKind *find_mechanism(std::string_view name);

// `allowed`: the names that the operator lets us use; empty for all. The best first.
std::vector<const MechanismKind *> offered_mechanisms(const std::vector<std::string> &allowed,
                                                      const ConnectionInfo &connection);

} // namespace jabberd::session_manager
