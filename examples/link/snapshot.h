// SPDX-License-Identifier: LGPL-2.1-or-later
// What is in the snapshot of a link (include/jabberd/handover.h).
#pragma once

#include "handover/records.h"
#include "link/carrier/carrier.h"
#include "link/peer/state.h"

#include <jabberd/handover.h>

#include <string>
#include <variant>
#include <vector>

namespace jabberd::link {

struct LinkState {
    std::string name;          // of the process
    std::uint64_t process = 0; // number of it
    std::vector<Peer::State> peers;
    CarrierState carrier;
};

// The state as records; owns what the ABI's struct points to.
class Snapshot {
public:
    explicit Snapshot(const LinkState &state); // throws std::length_error
    const jabberd_snapshot &abi() const { return abi_; }

private:
    handover::RecordWriter writer_;
    std::vector<int> descriptors_;
    jabberd_snapshot abi_{};
};

// Or why not. Never trusts a length, and touches no descriptor.
std::variant<LinkState, std::string> read_snapshot(const jabberd_snapshot &snapshot);

} // namespace jabberd::link
