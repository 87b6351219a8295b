// SPDX-License-Identifier: LGPL-2.1-or-later
// The properties of the session manager, tried on the same scripts every time.
#include "fuzz/session_properties.h"

#include "fuzz/generator.h"
#include "fuzz/session_script.h"
#include "support/environment.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace jabberd::fuzz {
namespace {

TEST(SessionProperty, SessionsAreKeptApartWhateverIsSent)
{
    Random random{1};
    Reached all;
    for (unsigned i = 0; i < 250; ++i) {
        std::string script = some_script(random);
        if (i % 4 == 0)
            script = broken(script, random);
        Reached reached;
        const Failure failure = sessions_are_kept_apart(script, &reached);
        ASSERT_FALSE(failure) << "case " << i << "\n" << *failure;
        all.packets += reached.packets;
        all.logins += reached.logins;
        all.answers += reached.answers;
    }
    // Scripts that nobody understood would prove nothing.
    EXPECT_GT(all.packets, 1500u);
    EXPECT_GT(all.logins, 250u);
    EXPECT_GT(all.answers, 1000u);
}

TEST(SessionProperty, EachScriptOfTheCorpusLogsIn)
{
    unsigned scripts = 0;
    for (const auto &file :
         std::filesystem::directory_iterator{test::needed_environment("CORPUS") + "/session_packets"}) {
        std::ostringstream script;
        script << std::ifstream{file.path(), std::ios::binary}.rdbuf();
        Reached reached;
        const Failure failure = sessions_are_kept_apart(script.str(), &reached);
        EXPECT_FALSE(failure) << file.path() << "\n" << *failure;
        EXPECT_GT(reached.logins, 0u) << file.path();
        ++scripts;
    }
    EXPECT_GT(scripts, 0u);
}

} // namespace
} // namespace jabberd::fuzz
