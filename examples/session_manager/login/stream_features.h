// SPDX-License-Identifier: LGPL-2.1-or-later
// What goes into <stream:features/>, by the state of the connection (jabberd/session.h): the <query/> of the answer.
#pragma once

#include "session_manager/core/options.h"
#include "session_manager/sasl/connection_info.h"

#include <string>

namespace jabberd::session_manager {

std::string features_before_login(const Options &options, const ConnectionInfo &connection);
std::string features_before_binding();
std::string features_of_a_session();

} // namespace jabberd::session_manager
