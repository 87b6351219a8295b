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

    abi_ = snapshot_of(writer_, attachments_.descriptors, attachments_.tokens);
}

std::string records_of(const ConnectionState &connection)
{
    RecordWriter writer;
    Attachments none;
    Writing to{writer, none};
    write_fields(connection_fields(), to, connection);
    return {reinterpret_cast<const char *>(writer.bytes().data()), writer.bytes().size()};
}

void wipe(State &state)
{
    for (ConnectionState &connection : state.connections)
        wipe_fields(connection_fields(), connection);
}

} // namespace jabberd::handover
