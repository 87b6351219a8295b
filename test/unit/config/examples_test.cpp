// SPDX-License-Identifier: LGPL-2.1-or-later
// The configurations of real servers in examples/classic/: what they show is what is read, and nobody is warned of it.
#include "config/reported.h"
#include "support/shown_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <regex>
#include <sstream>

namespace jabberd::test {
namespace {

using testing::ElementsAre;
using testing::StartsWith;

std::string example(const std::string &version)
{
    const char *folder = std::getenv("EXAMPLES"); // NOLINT: nobody sets it meanwhile
    if (folder == nullptr)
        throw std::runtime_error{"EXAMPLES must name the folder examples/"};
    std::ostringstream text;
    text << std::ifstream{folder + ("/classic/jabberd-" + version + ".xml")}.rdbuf();
    return text.str();
}

// The last element of that name that has children; "": there is none.
std::string element(const std::string &text, const std::string &name)
{
    const auto begin = text.rfind("\n    <" + name + " ") != std::string::npos ? text.rfind("\n    <" + name + " ")
                                                                               : text.rfind("\n  <" + name + ">");
    const auto end = text.rfind("</" + name + ">");
    return begin == std::string::npos ? "" : text.substr(begin, end - begin) + "</" + name + ">";
}

Reading read(const std::string &version, bool all_options = false)
{
    const std::string text = example(version), section = element(text, "pthcsock");
    return Reading{(all_options ? with_shown_options(section) : section) + "\n" + element(text, "io") + "\n"};
}

std::vector<std::string> listeners(const config::Options &options)
{
    std::vector<std::string> all;
    for (const config::Listen &listen : options.listen)
        all.push_back(listen.address.to_string() + (listen.direct_tls ? " tls" : ""));
    return all;
}

TEST(ClassicExamples, Of11AreReadWithoutAWord)
{
    const Reading server = read("1.1");
    EXPECT_EQ(server.reports, std::vector<std::string>{});
    ASSERT_TRUE(server.options);
    EXPECT_EQ(server.options->host, "pth-csock.localhost");
    EXPECT_THAT(listeners(*server.options), ElementsAre("0.0.0.0:5222", "[::]:5222"));
}

TEST(ClassicExamples, Of14AreReadWithoutAWord)
{
    const Reading server = read("1.4");
    EXPECT_EQ(server.reports, std::vector<std::string>{});
    ASSERT_TRUE(server.options);
    EXPECT_THAT(listeners(*server.options), ElementsAre("0.0.0.0:5222", "[::]:5222", "127.0.0.1:5223 tls"));
    EXPECT_EQ(server.options->authtime, std::chrono::seconds{120});
    EXPECT_EQ(server.options->heartbeat, std::chrono::seconds{60});
    EXPECT_DOUBLE_EQ(server.options->limits.bytes.per_second, 1000 / 3.0);
    EXPECT_EQ(server.options->limits.attempts.per_second, 0.2);
    ASSERT_EQ(server.options->tls.certificates.size(), 1u);
    EXPECT_EQ(server.options->tls.certificates[0].certificate, "./localhost.pem");
}

TEST(ClassicExamples, Of16AreReadWithoutAWord)
{
    const Reading server = read("1.6");
    EXPECT_EQ(server.reports, std::vector<std::string>{});
    ASSERT_TRUE(server.options);
    EXPECT_THAT(listeners(*server.options), ElementsAre("0.0.0.0:5222", "[::]:5222", "127.0.0.1:5223 tls"));
    EXPECT_EQ(server.options->limits.attempts.per_second, 2) << "its own <rate/>";
    ASSERT_EQ(server.options->tls.certificates.size(), 1u);
    EXPECT_EQ(server.options->tls.certificates[0].key, "/etc/jabber/localhost.key");
    EXPECT_THAT(server.options->tls.certificates[0].also_for, ElementsAre("localhost", "127.0.0.1"));
}

// What the session manager is to load, in this order.
std::vector<std::string> modules(const std::string &version)
{
    const std::string text = example(version);
    const auto begin = text.find("<load main='jsm'>");
    const std::string load = text.substr(begin, text.find("</load>", begin) - begin);
    const std::regex module{"\n *<(mod_[a-z0-9_]+)>"};
    std::vector<std::string> names;
    for (auto found = std::sregex_iterator{load.begin(), load.end(), module}; found != std::sregex_iterator{}; ++found)
        names.push_back((*found)[1]);
    return names;
}

bool is_before(const std::vector<std::string> &names, const std::string &first, const std::string &second)
{
    const auto at = std::find(names.begin(), names.end(), first);
    return at != names.end() && std::find(at, names.end(), second) != names.end();
}

// As seen in the real 1.1.2, 1.4.4 and 1.6.1.1: the one that answers ends the round, and those behind it are not asked.
TEST(ClassicExamples, HaveTheModulesInAnOrderThatWorks)
{
    for (const char *version : {"1.4", "1.6"}) {
        const auto names = modules(version);
        EXPECT_TRUE(is_before(names, "mod_offline", "mod_presence")) << version << ": stored messages are delivered";
        EXPECT_TRUE(is_before(names, "mod_auth_digest", "mod_register")) << version << ": a password is stored";
        EXPECT_TRUE(is_before(names, "mod_auth_plain", "mod_register")) << version << ": a password is stored";
    }
    EXPECT_TRUE(is_before(modules("1.1"), "mod_filter", "mod_presence")) << "what mod_offline does later";
    EXPECT_THAT(modules("1.1"), testing::Not(testing::Contains("mod_offline"))) << "1.1.2 is built without it";
}

// 1.6 looks for that namespace, and an empty namespace means that of jsm's section.
TEST(ClassicExamples, LetUsersRegisterIn16)
{
    EXPECT_THAT(example("1.6"), testing::HasSubstr("<register xmlns='jabber:iq:register'"));
}

TEST(ClassicExamples, ShowNothingThatIsNotUnderstood)
{
    for (const char *version : {"1.1", "1.4", "1.6"}) {
        const Reading server = read(version, true);
        ASSERT_TRUE(server.options) << version << testing::PrintToString(server.reports);
        EXPECT_THAT(server.reports, ElementsAre(testing::HasSubstr("<control>: "))) << "this host has its own";
        EXPECT_EQ(server.options->sasl, config::SessionManagerSasl::No) << version;
        EXPECT_EQ(server.options->aliases.size(), 1u) << version;
        EXPECT_EQ(server.options->default_host, "localhost") << version;
        EXPECT_FALSE(server.options->advertise_registration) << version;
        EXPECT_EQ(server.options->limits.bytes.per_second, 131072) << version;
        EXPECT_EQ(server.options->tls.certificates.size(), 1u) << version;
    }
}

} // namespace
} // namespace jabberd::test
