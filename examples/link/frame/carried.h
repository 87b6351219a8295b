// SPDX-License-Identifier: LGPL-2.1-or-later
// What a carrier knows of a way.
#pragma once

#include <cstdint>

namespace jabberd::link {

enum class Carried : std::uint8_t {
    Down, // for now
    Up,
    NobodyThere, // the machine, or the broker, says that no process is there
};

} // namespace jabberd::link
