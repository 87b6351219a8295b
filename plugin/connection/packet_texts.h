// SPDX-License-Identifier: LGPL-2.1-or-later
// Packets that wait, as a snapshot has them (include/jabberd/snapshot.h): the XML of each.
#pragma once

#include "base/owned_packet.h"

#include <string>
#include <vector>

namespace jabberd::connection {

std::vector<std::string> texts_of(const std::vector<OwnedPacket> &packets);

// Throws std::runtime_error at a text that is not one packet.
std::vector<OwnedPacket> packets_of(const std::vector<std::string> &texts);

} // namespace jabberd::connection
