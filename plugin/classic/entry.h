// SPDX-License-Identifier: LGPL-2.1-or-later
// The second symbol that the component exports.
#pragma once

#include "classic/functions.h"

#include <jabberd/abi.h>

// Called by a classic jabberd for each <service/> that loads us, while it reads its configuration, in its Pth main
// thread. The instance lives as long as the process. Source: the hosts' own pthsock_client().
extern "C" JABBERD_EXPORT void pthsock_client(jabberd::classic::Instance *instance, jabberd::classic::Node *load);
