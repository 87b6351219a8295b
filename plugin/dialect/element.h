// SPDX-License-Identifier: LGPL-2.1-or-later
// An element that the classic host has handed us as text.
#pragma once

#include "base/owned_packet.h"
#include "xml/document.h"

#include <string_view>

namespace jabberd::dialect {

// A tree of the text, whose root's only child is the element; null when it is not well-formed. What is in the namespace
// `xmlns`, if that is not "", is put into jabber:client, as packets are in our ABI.
xml::DocumentPtr parse_element(std::string_view text, std::string_view xmlns);

// The element itself.
const xmlNode &element_of(const xmlDoc &document);

// The packet that was written out as this text (xml/packet_text.h). Throws std::runtime_error when it is none.
OwnedPacket packet_of(std::string_view text);

} // namespace jabberd::dialect
