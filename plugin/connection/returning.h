// SPDX-License-Identifier: LGPL-2.1-or-later
// What a client was sent and has not got goes back to its session manager, which redelivers or stores it.
#pragma once

#include "connection/counters.h"
#include "connection/host_link.h"
#include "net/out_queue.h"
#include "xml/parser_pool.h"

#include <string_view>

namespace jabberd::connection {

// Each stanza, and each question between them, as a 510 of the connection with this address. The calls may come back to
// whoever had the queue.
void return_all(net::OutQueue &stanzas, HostLink &host, std::string_view address, xml::ParserPool &parsers,
                Counters &counters);

} // namespace jabberd::connection
