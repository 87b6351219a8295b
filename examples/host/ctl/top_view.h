// SPDX-License-Identifier: LGPL-2.1-or-later
// What `jabberd-ctl top` shows: who is connected, and who is busy.
#pragma once

#include "ctl/answer.h"

#include <cstddef>
#include <string>

namespace jabberd::ctl {

// At a host, at one moment.
struct Look {
    double seconds = 0; // of a clock that does not jump
    Answer sessions;    // as the host answers `sessions`
    std::string metrics;
};

// Rates are those between the two looks. At most `rows` lines of `columns` characters; the busiest client is the first
// of its table.
std::string top_view(const Look &before, const Look &now, std::size_t rows, std::size_t columns);

} // namespace jabberd::ctl
