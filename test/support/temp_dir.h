// SPDX-License-Identifier: LGPL-2.1-or-later
// A directory for one test.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace jabberd::test {

// Made empty, removed with all that is in it.
class TempDir {
public:
    TempDir()
    {
        // Short: the path of a Unix socket has 107 bytes.
        std::string pattern = (std::filesystem::temp_directory_path() / "jabberd-XXXXXX").string();
        if (mkdtemp(pattern.data()) == nullptr)
            ADD_FAILURE() << "no temporary directory";
        path_ = pattern;
    }
    ~TempDir()
    {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TempDir(const TempDir &) = delete;
    TempDir &operator=(const TempDir &) = delete;

    std::string path(std::string_view name = "") const { return (path_ / name).string(); }

    // Writes a file and returns its path.
    std::string write(std::string_view name, std::string_view content) const
    {
        std::ofstream{path_ / name, std::ios::binary} << content;
        return path(name);
    }

private:
    std::filesystem::path path_;
};

} // namespace jabberd::test
