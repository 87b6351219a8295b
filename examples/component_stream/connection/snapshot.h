// SPDX-License-Identifier: LGPL-2.1-or-later
// The state of an instance as a snapshot (include/jabberd/handover.h), there and back. Its tags are ours alone: no
// other component takes over component streams.
#pragma once

#include "component_stream/connection/state.h"
#include "handover/records.h"

#include <jabberd/handover.h>

#include <string>
#include <variant>
#include <vector>

namespace jabberd::component_stream {

class Snapshot {
public:
    explicit Snapshot(const InstanceState &state);
    Snapshot(const Snapshot &) = delete;
    Snapshot &operator=(const Snapshot &) = delete;

    const jabberd_snapshot &abi() const { return abi_; } // borrowed

private:
    handover::RecordWriter writer_;
    std::vector<int> descriptors_;
    std::vector<void *> tokens_;
    jabberd_snapshot abi_{};
};

// What it says, or why it cannot be taken over. Any bytes may be given.
std::variant<InstanceState, std::string> read_snapshot(const jabberd_snapshot &snapshot);

} // namespace jabberd::component_stream
