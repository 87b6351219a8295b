// SPDX-License-Identifier: LGPL-2.1-or-later
// The journal of systemd, without waiting for it; GLib's own writer sends with a call that blocks.
#pragma once

#include "base/unique_fd.h"

#include <glib.h>

#include <span>
#include <string>

namespace jabberd::host::log {

// A connected socket of datagrams; nothing when there is no journal.
UniqueFd open_journal();

// One datagram of its native protocol (systemd's JOURNAL_NATIVE_PROTOCOL.md). Values have at most a few kilobytes, cut
// at a character; fields that have no room any more are left out.
std::string journal_record(std::span<const GLogField> fields);

} // namespace jabberd::host::log
