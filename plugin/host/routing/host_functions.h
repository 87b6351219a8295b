// SPDX-License-Identifier: LGPL-2.1-or-later
// The C side of the host: what jabberd_host promises to an instance, done by its Instance and its Service.
#pragma once

#include <jabberd/host.h>

#include <vector>

namespace jabberd::host {

class Instance;

// All is borrowed, and must outlive the instance.
jabberd_host host_for(Instance &instance, const char *id, const std::vector<const char *> &names);

} // namespace jabberd::host
