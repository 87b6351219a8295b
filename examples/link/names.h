// SPDX-License-Identifier: LGPL-2.1-or-later
// Names of hosts, by which packets are routed.
#pragma once

#include <jabberd/packet.h>

#include <string>
#include <string_view>

namespace jabberd::link {

// The spelling under which a name is looked up: two that are one host (plugin/base/host_name.h) have one.
std::string name_key(std::string_view name);

// Whether a peer may answer for something of that name: of a host, or the id of a service.
bool is_routable_name(std::string_view name);

// To which host the packet goes: that of sto, or else of to. Borrowed.
std::string_view destination(const jabberd_packet &packet);

} // namespace jabberd::link
