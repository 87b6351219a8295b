// SPDX-License-Identifier: LGPL-2.1-or-later
// Files that a configuration, or an operator, names: a FIFO or a device is none, and must not be waited for.
#pragma once

#include "base/unique_fd.h"

#include <cstddef>
#include <optional>
#include <string>

#include <sys/stat.h>

namespace jabberd {

// Symbolic links are followed. Nothing after saying in `why` what is wrong, without the path: what strerror() says, or
// that it is no regular file but a FIFO. `flags` and `mode` as open() takes them. Never waits for another process.
UniqueFd open_regular_file(const std::string &path, int flags, std::string &why, mode_t mode = 0);

struct FileContent {
    std::string bytes;
    mode_t mode;
};

// Whole, likewise. Larger than `limit` bytes is wrong, too.
std::optional<FileContent> read_regular_file(const std::string &path, std::size_t limit, std::string &why);

// "" when there is a regular file, or nothing that could be opened at all; otherwise why it is none.
std::string no_regular_file(const std::string &path);

} // namespace jabberd
