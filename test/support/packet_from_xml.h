// SPDX-License-Identifier: LGPL-2.1-or-later
// A packet as it would be written in a test: from its XML.
#pragma once

#include "base/owned_packet.h"

#include <string>
#include <string_view>

namespace jabberd::test {

// The start tag's attributes become fields, the children a canonical body. Throws std::invalid_argument when the text
// is not one well-formed element.
OwnedPacket packet_from_xml(std::string_view xml);

// One spelling for all ways to write the same packet: attributes in the order of xml::append_packet(), children
// canonical.
std::string canonical(const jabberd_packet &packet);
std::string canonical(std::string_view xml);

} // namespace jabberd::test
