// SPDX-License-Identifier: LGPL-2.1-or-later
// Tells systemd what the host is doing.
#pragma once

namespace jabberd::host {

// Sends "READY=1" and its like to the service manager (sd_notify(3)). Does nothing where there is none; never blocks.
void notify_service_manager(const char *state);

// Says that the configuration is being read again, and when that began: a service of Type=notify-reload needs the time
// to tell this reload from one that ended before its signal. READY=1 ends it.
void notify_reloading();

} // namespace jabberd::host
