// SPDX-License-Identifier: LGPL-2.1-or-later
// XML text as a packet, so that a test can be written the way a wire trace reads.
#pragma once

#include "base/owned_packet.h"

#include <string>
#include <string_view>

namespace jabberd::test {

// One element of jabber:client, unless it declares another namespace. Attributes become the packet's fields, children its canonical body. Throws std::invalid_argument when it is not one well-formed element.
OwnedPacket packet_from_xml(std::string_view xml);

// One spelling for all ways to write the same packet: attributes in the order of xml::append_packet(), children canonical.
std::string canonical(const jabberd_packet &packet);
std::string canonical(std::string_view xml);

} // namespace jabberd::test
