// SPDX-License-Identifier: LGPL-2.1-or-later
// jabber:iq:register (XEP-0077) before login; after login it is an iq like others (iq/registration.cpp).
#pragma once

#include "session_manager/login/caller.h"

#include <libxml/tree.h>

namespace jabberd::session_manager {

void ask_registration_fields(Core &core, const Caller &caller);

// Makes an account; the caller is not logged in by it. `host` is prepared.
void create_account(Core &core, const Caller &caller, const xmlNode *query, const std::string &host);

} // namespace jabberd::session_manager
