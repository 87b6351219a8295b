// SPDX-License-Identifier: LGPL-2.1-or-later
// What the connections of one instance have around them.
#pragma once

#include "component_stream/connection/directory.h"
#include "component_stream/connection/exit.h"
#include "event/loop.h"

#include <jabberd/routes.h>

namespace jabberd::component_stream {

struct Around {
    const jabberd_host &host;
    const jabberd_routes *routes; // null: an old host, names are only those of its configuration
    event::Loop &loop;
    Directory &directory;
    Exit &exit;
};

} // namespace jabberd::component_stream
