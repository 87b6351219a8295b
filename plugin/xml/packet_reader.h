// SPDX-License-Identifier: LGPL-2.1-or-later
// A packet out of a tree: for readers of whole elements, not of a stream.
#pragma once

#include "base/owned_packet.h"

#include <libxml/tree.h>

namespace jabberd::xml {

// The attributes of the element become fields, its children a canonical body. The element must be of a document of
// parse_body() (document.h), so that the content namespace is known. Without its own namespace it stands in that one.
OwnedPacket read_packet(const xmlNode &element);

} // namespace jabberd::xml
