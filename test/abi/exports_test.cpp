// SPDX-License-Identifier: LGPL-2.1-or-later
// What socket_manager.so exports: its component, its entry for classic hosts, and nothing of its inside that another
// shared object could collide with.
#include "support/environment.h"
#include "support/process.h"

#include <gtest/gtest.h>

#include <set>
#include <sstream>
#include <string>

namespace jabberd::test {
namespace {

std::set<std::string> exported_symbols(const std::string &path)
{
    std::istringstream lines{run({"nm", "-D", "--defined-only", "--format=posix", path}).output};
    std::set<std::string> symbols;
    for (std::string line; std::getline(lines, line);)
        symbols.insert(line.substr(0, line.find(' ')));
    return symbols;
}

TEST(Exports, AreExactlyThese)
{
    EXPECT_EQ(exported_symbols(needed_environment("COMPONENT")),
              (std::set<std::string>{"jabberd_component", "pthsock_client"}));
}

} // namespace
} // namespace jabberd::test
