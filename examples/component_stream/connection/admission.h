// SPDX-License-Identifier: LGPL-2.1-or-later
// What a peer may send: judged before it gets into the host.
#pragma once

#include "component_stream/config/options.h"
#include "stream/stream_error.h"

#include <jabberd/packet.h>

#include <string>
#include <string_view>
#include <vector>

namespace jabberd::component_stream {

struct Admission {
    enum class Verdict {
        Passes,
        Returns, // to its sender
        Dropped,
        Ends, // the stream, with `error`
    };
    Verdict verdict = Verdict::Passes;
    stream::StreamError error{};
    std::string_view why; // it does not pass: for the log
};

// A stanza of a stream that has these names. Changes it into what passes: without a session where none may be, and with
// a `from`.
Admission admit(jabberd_packet &packet, const EndpointOptions &options, const std::vector<std::string> &names);

// Whether the peer may write this address as its own.
bool may_be_from(std::string_view address, const EndpointOptions &options, const std::vector<std::string> &names);

// The same of a packet for the peer. `address` may be "": then the peer takes it as from who we are.
bool may_send(std::string_view address, const EndpointOptions &options);

} // namespace jabberd::component_stream
