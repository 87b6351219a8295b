// SPDX-License-Identifier: LGPL-2.1-or-later
// A snapshot that stays when the instance that made it has thrown its own away.
#pragma once

#include <jabberd/handover.h>

#include <vector>

namespace jabberd::host {

// Wiped at the end: there are secrets in it.
class SnapshotCopy {
public:
    explicit SnapshotCopy(const jabberd_snapshot &snapshot);
    ~SnapshotCopy();
    SnapshotCopy(const SnapshotCopy &) = delete;
    SnapshotCopy &operator=(const SnapshotCopy &) = delete;

    const jabberd_snapshot &abi() const { return abi_; }

private:
    std::vector<unsigned char> records_;
    std::vector<int> descriptors_;
    std::vector<void *> tokens_;
    jabberd_snapshot abi_;
};

} // namespace jabberd::host
