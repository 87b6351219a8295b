// SPDX-License-Identifier: LGPL-2.1-or-later
// The state of an instance as a snapshot (include/jabberd/handover.h), there and back. Its tags are ours alone: no
// other component takes over connections with a server.
#pragma once

#include "handover/fields.h"
#include "handover/records.h"
#include "upstream/client/state.h"

#include <jabberd/handover.h>

#include <string>
#include <variant>

namespace jabberd::upstream {

// Owns the bytes and the lists, not what descriptors and tokens stand for.
class Snapshot {
public:
    explicit Snapshot(const InstanceState &state);
    Snapshot(const Snapshot &) = delete;
    Snapshot &operator=(const Snapshot &) = delete;

    const jabberd_snapshot &abi() const { return abi_; } // borrowed

private:
    handover::RecordWriter writer_;
    handover::Attachments attachments_;
    jabberd_snapshot abi_{};
};

// What it says, or why it cannot be taken over, for the log. Anybody's bytes may be given.
std::variant<InstanceState, std::string> read_snapshot(const jabberd_snapshot &snapshot);

} // namespace jabberd::upstream
