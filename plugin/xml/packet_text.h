// SPDX-License-Identifier: LGPL-2.1-or-later
// The one place where a packet's start tag is written out as XML.
#pragma once

#include <jabberd/packet.h>

#include <string>

namespace jabberd::xml {

// Appends the packet as one XML element, with all the fields it has: sto and sfrom too, which have to be taken out of
// what is for a client.
void append_packet(std::string &out, const jabberd_packet &packet);

} // namespace jabberd::xml
