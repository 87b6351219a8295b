// SPDX-License-Identifier: LGPL-2.1-or-later
// The tables of the snapshot (include/jabberd/snapshot.h): a row for each record, in the order in which they are
// written.
#pragma once

#include "handover/fields.h"
#include "handover/state.h"

#include <span>

namespace jabberd::handover {

std::span<const Field<ListenerState>> listener_fields();
std::span<const Field<ProxiedState>> proxied_fields();
std::span<const Field<ConnectionState>> connection_fields();
std::span<const Field<State>> state_fields(); // without its beginning and its end

} // namespace jabberd::handover
