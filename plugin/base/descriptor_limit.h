// SPDX-License-Identifier: LGPL-2.1-or-later
// How many file descriptors the process may have, and so how many clients.
#pragma once

#include <cstdint>
#include <optional>

namespace jabberd {

// The soft limit; nothing: there is none.
std::optional<std::uint64_t> descriptor_limit();

// Makes it the hard one, which needs no privilege. Where other code in the process uses select(), descriptors of ours
// have to be above those that it may see (base/unique_fd.h).
void raise_descriptor_limit();

} // namespace jabberd
