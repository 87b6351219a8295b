// SPDX-License-Identifier: LGPL-2.1-or-later
// What each worker's part of a swap can be done beside: the parts of the others.
#pragma once

#include <cstddef>
#include <functional>

namespace jabberd::workers {

// Calls `part` for each number below `count`, each on a thread of its own where there is room for one, and returns when
// all have returned. Throws what the part of the lowest number has thrown, and nothing else; the others are done all
// the same.
void side_by_side(std::size_t count, const std::function<void(std::size_t)> &part);

} // namespace jabberd::workers
