// SPDX-License-Identifier: LGPL-2.1-or-later
// jabber:iq:register (XEP-0077) before login; after login it is an iq like others (iq/registration.cpp).
#pragma once

#include "session_manager/login/login_answer.h"

#include <libxml/tree.h>

namespace jabberd::session_manager {

void ask_registration_fields(Core &core, const LoginAnswer &answer);

// Makes an account; the client is not logged in by it. `host` is prepared.
void create_account(Core &core, const LoginAnswer &answer, const xmlNode *query, const std::string &host);

} // namespace jabberd::session_manager
