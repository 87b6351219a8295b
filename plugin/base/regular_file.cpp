// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/regular_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace jabberd {

namespace {

const char *kind_of(mode_t mode)
{
    switch (mode & S_IFMT) {
    case S_IFDIR: return "a directory";
    case S_IFIFO: return "a FIFO";
    case S_IFSOCK: return "a socket";
    case S_IFBLK:
    case S_IFCHR: return "a device";
    default: return "something else";
    }
}

std::string no_regular(mode_t mode)
{
    return std::string{"it is "} + kind_of(mode) + "; a regular file is needed";
}

} // namespace

UniqueFd open_regular_file(const std::string &path, int flags, std::string &why, mode_t mode)
{
    // A FIFO that nobody writes to would keep us in open(), a terminal could become ours. O_NONBLOCK means nothing to a
    // regular file (open(2)).
    UniqueFd file = at_or_above(0, UniqueFd{open(path.c_str(), flags | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, mode)});
    struct stat status {};
    // A socket cannot be opened, nor a FIFO without a reader for writing: those are told by name.
    if (!file && errno == ENXIO && stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode)) {
        why = no_regular(status.st_mode);
        return {};
    }
    if (!file || fstat(file.get(), &status) != 0) {
        why = std::strerror(errno);
        return {};
    }
    if (S_ISREG(status.st_mode))
        return file;
    why = no_regular(status.st_mode);
    return {};
}

std::optional<FileContent> read_regular_file(const std::string &path, std::size_t limit, std::string &why)
{
    const UniqueFd file = open_regular_file(path, O_RDONLY, why);
    if (!file)
        return std::nullopt;
    struct stat status {};
    fstat(file.get(), &status);
    // Its size is only where to begin: those of /proc have none.
    constexpr std::size_t step = 16 * 1024;
    FileContent content{{}, status.st_mode};
    std::size_t size = 0;
    for (;;) {
        if (size == content.bytes.size())
            content.bytes.resize(size +
                                 std::max(step, size == 0 ? static_cast<std::size_t>(status.st_size) + 1 : size));
        if (content.bytes.size() > limit + 1)
            content.bytes.resize(limit + 1);
        const ssize_t got = read(file.get(), content.bytes.data() + size, content.bytes.size() - size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            why = std::strerror(errno);
            return std::nullopt;
        }
        size += static_cast<std::size_t>(got);
        if (size > limit) {
            why = std::strerror(EFBIG);
            return std::nullopt;
        }
        if (got == 0)
            break;
    }
    content.bytes.resize(size);
    return content;
}

std::string no_regular_file(const std::string &path)
{
    struct stat status {};
    if (stat(path.c_str(), &status) != 0 || S_ISREG(status.st_mode))
        return "";
    return no_regular(status.st_mode);
}

} // namespace jabberd
