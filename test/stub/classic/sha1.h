// SPDX-License-Identifier: LGPL-2.1-or-later
// SHA-1, for digests: a library would want more stack than a worker has.
#pragma once

#include <string>
#include <string_view>

namespace stub {

std::string sha1_hex(std::string_view text);

} // namespace stub
