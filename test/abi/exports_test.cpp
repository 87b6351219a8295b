// SPDX-License-Identifier: LGPL-2.1-or-later
// What socket_manager.so exports: its component, its entry for classic hosts, and nothing of its inside that another
// shared object could collide with.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <set>
#include <string>

namespace jabberd::test {
namespace {

std::set<std::string> exported_symbols(const std::string &path)
{
    const std::string command = "nm -D --defined-only --format=posix '" + path + "'";
    const std::unique_ptr<FILE, int (*)(FILE *)> output{popen(command.c_str(), "r"), pclose};
    std::set<std::string> symbols;
    char name[512];
    while (output && fscanf(output.get(), "%511s%*[^\n]", name) == 1)
        symbols.insert(name);
    return symbols;
}

TEST(Exports, AreExactlyThese)
{
    const char *component = std::getenv("COMPONENT");
    ASSERT_NE(component, nullptr);
    EXPECT_EQ(exported_symbols(component), (std::set<std::string>{"jabberd_component", "pthsock_client"}));
}

} // namespace
} // namespace jabberd::test
