// SPDX-License-Identifier: LGPL-2.1-or-later
// The profiles of stringprep (RFC 3454) that addresses and passwords had before PRECIS, and that most clients still
// have; by libidn, and no other file knows that library.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace jabberd::session_manager {

enum class StringprepProfile { Node, Name, Resource, Sasl };

// Characters newer than its Unicode 3.2.
enum class Newer {
    LetThrough, // as they are
    Forbidden,
};

// Nothing when the result is forbidden, empty, or has 1024 bytes or more. [any-thread]
std::optional<std::string> stringprep(std::string_view text, StringprepProfile profile,
                                      Newer newer = Newer::LetThrough);

} // namespace jabberd::session_manager
