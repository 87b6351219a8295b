// SPDX-License-Identifier: LGPL-2.1-or-later
// From State to bytes.
#include "handover/snapshot.h"
#include "handover/table_io.h"
#include "handover/tables.h"

#include <jabberd/snapshot.h>

namespace jabberd::handover {

Snapshot::Snapshot(const State &state)
{
    writer_.u32(JABBERD_SNAPSHOT_BEGIN, snapshot_version);
    Writing to{writer_, attachments_};
    write_fields(state_fields(), to, state);
    writer_.u32(JABBERD_SNAPSHOT_END, writer_.records());

    abi_.size = sizeof abi_;
    abi_.records = writer_.bytes().data();
    abi_.record_bytes = writer_.bytes().size();
    abi_.descriptors = attachments_.descriptors.data();
    abi_.descriptor_count = attachments_.descriptors.size();
    abi_.tokens = attachments_.tokens.data();
    abi_.token_count = attachments_.tokens.size();
}

void wipe(State &state)
{
    for (ConnectionState &connection : state.connections)
        wipe_fields(connection_fields(), connection);
}

} // namespace jabberd::handover
