// SPDX-License-Identifier: LGPL-2.1-or-later
// A socket manager's state in its public form (include/jabberd/snapshot.h), there and back.
#pragma once

#include "handover/fields.h"
#include "handover/records.h"
#include "handover/state.h"

#include <jabberd/snapshot.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace jabberd::handover {

inline constexpr std::uint32_t snapshot_version = 1;

// Owns the bytes and the lists, not what descriptors and tokens stand for. Its bytes are wiped when it goes.
class Snapshot {
public:
    // Throws std::length_error when a connection holds 4 GiB.
    explicit Snapshot(const State &state);
    Snapshot(const Snapshot &) = delete;
    Snapshot &operator=(const Snapshot &) = delete;

    // Borrowed: valid as long as this is.
    const jabberd_snapshot &abi() const { return abi_; }

private:
    RecordWriter writer_;
    Attachments attachments_;
    jabberd_snapshot abi_{};
};

// What the snapshot says, or why it cannot be taken over, in words for the log. Anybody's bytes may be given: nothing
// is touched but memory, and no more of it taken than the snapshot's own size deserves. All that State has is what
// another component wrote; only its form has been checked: UTF-8, numbers within their range, addresses of the
// snapshot's own host and each but once, every descriptor and token named exactly once.
std::variant<State, std::string> read_snapshot(const jabberd_snapshot &snapshot);

// A connection without a descriptor by itself, as small as it can be kept, and back. Throws what the two above do, and
// Refusal.
std::string records_of(const ConnectionState &connection);
ConnectionState connection_of(std::string_view records);

// Overwrites what a client, or the session manager, has said.
void wipe(State &state);

} // namespace jabberd::handover
