// SPDX-License-Identifier: LGPL-2.1-or-later
// Logins by jabber:iq:auth (XEP-0078): from a name and a password to a session.
#pragma once

#include "session_manager/login/login_answer.h"

#include <libxml/tree.h>

namespace jabberd::session_manager {

// Which fields a login needs. `host` is prepared.
void ask_login_fields(Core &core, const LoginAnswer &answer, const xmlNode *query, const std::string &host);

// Checks the credentials; the session begins, and the client gets its id.
void log_in(Core &core, const LoginAnswer &answer, const xmlNode *query, const std::string &host);

} // namespace jabberd::session_manager
