// SPDX-License-Identifier: LGPL-2.1-or-later
// Networks as a configuration has them.
#pragma once

#include "config/mistake_report.h"
#include "elements/element.h"
#include "net/network.h"

#include <optional>

namespace jabberd::config {

// <allow>192.0.2.0/24</allow>, or one address; and as jabberd 1.4 has it,
// <allow><ip>192.0.2.0</ip><mask>255.255.255.0</mask></allow>. Nothing after an error was reported.
std::optional<net::Network> read_network(const elements::Element &element, MistakeReport &mistakes);

} // namespace jabberd::config
