// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/swap/snapshot_copy.h"

#include <cstring>

namespace jabberd::host {

SnapshotCopy::SnapshotCopy(const jabberd_snapshot &snapshot)
    : records_(snapshot.records, snapshot.records + snapshot.record_bytes)
    , descriptors_(snapshot.descriptors, snapshot.descriptors + snapshot.descriptor_count)
    , tokens_(snapshot.tokens, snapshot.tokens + snapshot.token_count)
    , abi_{sizeof abi_,         records_.data(), records_.size(), descriptors_.data(),
           descriptors_.size(), tokens_.data(),  tokens_.size()}
{
}

SnapshotCopy::~SnapshotCopy()
{
    if (!records_.empty())
        explicit_bzero(records_.data(), records_.size());
}

} // namespace jabberd::host
