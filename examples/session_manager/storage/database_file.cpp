// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/storage/database_file.h"

#include "base/regular_file.h"
#include "session_manager/storage/schema.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <filesystem>
#include <string_view>

namespace jabberd::session_manager {

namespace {

// The header of a file of SQLite: https://www.sqlite.org/fileformat.html, 1.3.
constexpr std::string_view magic{"SQLite format 3\0", 16};
constexpr std::size_t header_bytes = 100, version_at = 60; // of PRAGMA user_version, big-endian

std::string in_words(int result)
{
    return sqlite3_errstr(result);
}

std::string defect_of_folder(const std::string &path)
{
    const std::string folder = std::filesystem::path{path}.parent_path().string();
    const bool is_usable = access(folder.empty() ? "." : folder.c_str(), W_OK | X_OK) == 0;
    return is_usable ? "" : in_words(SQLITE_CANTOPEN);
}

std::string defect_of_header(int file)
{
    std::array<unsigned char, header_bytes> header{};
    const ssize_t count = pread(file, header.data(), header.size(), 0);
    if (count == 0)
        return {}; // SQLite makes a database of it
    if (count < 0)
        return in_words(SQLITE_IOERR);
    if (count < static_cast<ssize_t>(header.size()) ||
        std::string_view{reinterpret_cast<const char *>(header.data()), magic.size()} != magic)
        return in_words(SQLITE_NOTADB);
    std::uint32_t version = 0;
    for (std::size_t i = 0; i < 4; ++i)
        version = version << 8 | header[version_at + i];
    return version > newest_schema ? made_by_a_newer_program : "";
}

} // namespace

std::string irregular_file(const std::string &path)
{
    if (std::string why = no_regular_file(path); !why.empty())
        return why;
    for (const char *journal : {"-journal", "-wal", "-shm"}) {
        if (const std::string why = no_regular_file(path + journal); !why.empty())
            return path + journal + ": " + why;
    }
    return {};
}

std::string database_defect(const std::string &path)
{
    std::string why = irregular_file(path);
    if (!why.empty())
        return why;
    if (access(path.c_str(), F_OK) != 0)
        return defect_of_folder(path);
    const UniqueFd file = open_regular_file(path, O_RDWR | O_CLOEXEC, why);
    return file ? defect_of_header(file.get()) : in_words(SQLITE_CANTOPEN);
}

} // namespace jabberd::session_manager
