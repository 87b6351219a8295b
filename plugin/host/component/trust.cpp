// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/component/trust.h"

#include <sys/stat.h>
#include <unistd.h>

namespace jabberd::host {

namespace {

std::string open_to_others(const std::filesystem::path &path, const struct stat &status)
{
    if (status.st_uid != 0 && status.st_uid != geteuid())
        return path.string() + " belongs to user " + std::to_string(status.st_uid) +
               ", who is neither root nor the user of this host, " + std::to_string(geteuid());
    const bool only_adds = S_ISDIR(status.st_mode) && (status.st_mode & S_ISVTX) != 0;
    if ((status.st_mode & S_IWOTH) != 0 && !only_adds)
        return path.string() + " is writable by everybody; take that from it with chmod o-w";
    return "";
}

// The folders of a path as it is written, and what it leads to.
std::string any_open_to_others(const std::filesystem::path &path)
{
    std::filesystem::path so_far;
    for (const std::filesystem::path &part : path) {
        so_far /= part;
        struct stat status {};
        if (stat(so_far.c_str(), &status) != 0)
            return ""; // that there is nothing, others tell
        if (std::string why = open_to_others(so_far, status); !why.empty())
            return why;
    }
    return "";
}

} // namespace

std::string open_to_others(const std::filesystem::path &file)
{
    std::error_code ignored;
    const std::filesystem::path absolute = std::filesystem::absolute(file, ignored);
    if (std::string why = any_open_to_others(absolute); !why.empty())
        return why;
    return any_open_to_others(std::filesystem::canonical(absolute, ignored)); // where symbolic links lead
}

} // namespace jabberd::host
