// SPDX-License-Identifier: LGPL-2.1-or-later
// How the classic host around us was started.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace jabberd::classic {

// Letters with values: -c FILE, -cFILE, -Bc FILE; and in 1.6 --config=FILE, --config FILE, -x key:value as well.
class CommandLine {
public:
    // Without the name of the program.
    explicit CommandLine(const std::vector<std::string> &words);
    static CommandLine of_this_process();

    // Null: it was not given.
    const std::string *value(std::string_view flag) const;

    // The argument of -c, or jabber.xml where the process runs. May not exist.
    std::filesystem::path configuration_file() const;

private:
    std::map<std::string, std::string, std::less<>> values_;
};

} // namespace jabberd::classic
