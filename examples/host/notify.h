// SPDX-License-Identifier: LGPL-2.1-or-later
// Tells systemd what the host is doing.
#pragma once

namespace jabberd::host {

// Sends "READY=1" and its like to the service manager (sd_notify(3)). Does nothing where there is none; never blocks.
void notify_service_manager(const char *state);

} // namespace jabberd::host
