// SPDX-License-Identifier: LGPL-2.1-or-later
// Why a session ended, from the 510 of its session manager or of its router, in the words of a stream error.
#pragma once

#include "stream/stream_error.h"

#include <jabberd/packet.h>

#include <string>

namespace jabberd::session {

struct Ending {
    stream::Condition condition;
    std::string text;
    std::string host{}; // see-other-host: where the client is to go
};

// `authenticated`: the session manager knew of the session. Only a newer login of the same name is a conflict: clients
// do not connect again after that.
Ending ending_of(const jabberd_packet &notice, bool authenticated);

} // namespace jabberd::session
