// SPDX-License-Identifier: LGPL-2.1-or-later
// The parts of read_snapshot(). All of them throw Refusal.
#pragma once

#include "base/connection_address.h"
#include "handover/records.h"
#include "handover/state.h"

#include <jabberd/snapshot.h>

#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace jabberd::handover {

// The descriptors and tokens beside the records. Who names one has it alone; in the end all must be named, for what
// nobody takes would be open for ever.
class Resources {
public:
    explicit Resources(const jabberd_snapshot &snapshot) : snapshot_{snapshot} {}

    int descriptor(std::string_view value);
    void *token(std::string_view value);
    void must_be_used_up() const;

private:
    const jabberd_snapshot &snapshot_;
    std::set<int> descriptors_;
    std::set<void *> tokens_;
};

// <id>@<host>/<token>.
ConnectionAddress read_address(std::string_view address);

ListenerState read_listener(std::string_view records, Resources &resources);
ConnectionState read_connection(std::string_view records, Resources &resources);

} // namespace jabberd::handover
