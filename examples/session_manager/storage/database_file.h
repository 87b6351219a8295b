// SPDX-License-Identifier: LGPL-2.1-or-later
// What can be said of a database without opening it, which would make files beside it.
#pragma once

#include <string>

namespace jabberd::session_manager {

inline constexpr const char *made_by_a_newer_program = "made by a newer version of this program";

// "" when neither the database nor a journal beside it is something else than a file, a FIFO for example; otherwise
// which.
std::string irregular_file(const std::string &path);

// "" when there is nothing to say against opening it, or making it where it is not there; otherwise what that would
// say. Reads the file's first bytes, and changes nothing.
std::string database_defect(const std::string &path);

} // namespace jabberd::session_manager
