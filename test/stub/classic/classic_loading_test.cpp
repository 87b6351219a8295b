// SPDX-License-Identifier: LGPL-2.1-or-later
// The classic stub loads what a real jabberd would load, exports what it exports, starts and ends like one.
#include "classic_fixture.h"

#include <gmock/gmock.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace jabberd::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using Flavour = ClassicHost::Flavour;

class ClassicLoading : public testing::TestWithParam<Flavour> {
protected:
    ClassicHost::Settings settings(const std::string &fixture) const
    {
        return {
            .flavour = GetParam(), .component = classic_fixture(fixture), .sessions = ClassicHost::Sessions::Scripted};
    }
};
INSTANTIATE_TEST_SUITE_P(Every, ClassicLoading, testing::ValuesIn(ClassicHost::flavours),
                         testing::PrintToStringParamName());

TEST_P(ClassicLoading, PacketsComeAndGo)
{
    ClassicHost host{settings("echo")};
    Play play{GetParam(), host.sessions()};
    for (const char *client : {"7@c2s/a", "8@c2s/b"}) {
        play.say(packet(GetParam(), client, "alice@localhost/1", "hi"));
        play.expect(packet(GetParam(), "alice@localhost/1", client, "echo"));
    }
    host.stop();
    EXPECT_THAT(host.output(), HasSubstr("stub: 0 packets leaked"));
}

TEST_P(ClassicLoading, ManyPacketsComeAndGo)
{
    ClassicHost host{settings("echo")};
    constexpr int count = 2000;
    std::string all;
    for (int i = 0; i < count; ++i)
        all += packet(GetParam(), "7@c2s/a", "alice@localhost/" + std::to_string(i), "hi");
    host.sessions().say(all);
    for (int i = 0; i < count; ++i) {
        const auto echo = host.sessions().take();
        ASSERT_TRUE(echo) << i;
        ASSERT_THAT(*echo, HasSubstr("alice@localhost/" + std::to_string(i) + "'"));
    }
}

// 1.1 has no hooks for its end; from 1.4.4 on the pool of an instance is cleaned up, too.
TEST_P(ClassicLoading, EndsLikeItsFlavour)
{
    ClassicHost host{settings("echo")};
    host.stop();
    const std::string output = host.output();
    if (ClassicHost::has_routes(GetParam()))
        EXPECT_THAT(output,
                    AllOf(HasSubstr("log_notice c2s: asked to stop\n"), HasSubstr("log_notice c2s: cleaned up\n")));
    else
        EXPECT_THAT(output, Not(HasSubstr("log_notice")));
}

TEST_P(ClassicLoading, EarlyPacketWaitsOrComesBack)
{
    ClassicHost host{settings("early")};
    if (ClassicHost::has_routes(GetParam())) {
        Play play{GetParam(), host.sessions()};
        play.expect(packet(GetParam(), "localhost", "1@c2s/a", "early"));
        EXPECT_THAT(host.output(), Not(HasSubstr("it came back")));
    } else {
        // Before deliver() had returned, and before the services that keep the log were loaded.
        EXPECT_THAT(host.output(),
                    HasSubstr("WARNING!  Logging Failed: <log type='notice' from='c2s'>it came back</log>\n"
                              "WARNING!  Logging Failed: <log type='notice' from='c2s'>delivered</log>\n"));
    }
}

TEST_P(ClassicLoading, PacketThatTheHandlerRefusesGoesBack)
{
    ClassicHost host{settings("refuses")};
    Play play{GetParam(), host.sessions()};
    if (ClassicHost::has_routes(GetParam())) {
        play.say("<route to='7@c2s/a' from='bob@localhost/1'><presence/></route>");
        play.expect(
            "<route to='bob@localhost/1' from='7@c2s/a' type='error' error='Internal Delivery Error'><presence/>"
            "</route>");
        play.say("<route to='7@nowhere/a' from='bob@localhost/1'><presence/></route>");
        play.expect("<route to='bob@localhost/1' from='7@nowhere/a' type='error' error='{*}'><presence/></route>");
    } else {
        play.say("<message type='chat' sto='7@c2s/a' sfrom='bob@localhost/1'><body>1</body></message>");
        play.expect("<message type='error' sto='bob@localhost/1' sfrom='7@c2s/a'><body>1</body>"
                    "<error code='510' type='chat'>Server Delivery Error</error></message>");
        play.say("<message sto='7@nowhere/a' sfrom='bob@localhost/1'><body>2</body></message>");
        play.expect("<message type='error' sto='bob@localhost/1' sfrom='7@nowhere/a'><body>2</body>"
                    "<error code='510'>Server Configuration Error</error></message>");
        // What has come back is not returned once more.
        play.say("<message type='error' sto='7@c2s/a' sfrom='bob@localhost/1'><error code='510'/></message>");
        host.wait_for_output("log_warn c2s: dropping a session packet to 7@c2s/a from bob@localhost/1");
    }
}

TEST_P(ClassicLoading, SighupReadsTheFileAgainAndNothingElse)
{
    ClassicHost host{settings("echo")};
    std::filesystem::remove(host.path("jabber.xml"));
    host.signal(SIGHUP);
    if (ClassicHost::has_routes(GetParam()))
        host.wait_for_output("jabber.xml cannot be read");
    Play play{GetParam(), host.sessions()};
    play.say(packet(GetParam(), "7@c2s/a", "alice@localhost/1", "hi"));
    play.expect(packet(GetParam(), "alice@localhost/1", "7@c2s/a", "echo"));
}

TEST_P(ClassicLoading, RefusesAnErrorThatIsPending)
{
    ClassicHost::Settings wrong = settings("pending_dlerror");
    wrong.must_start = false;
    ClassicHost host{wrong};
    EXPECT_EQ(host.wait(), 1);
    EXPECT_THAT(host.output(), HasSubstr("there_is_no_such_function"));
}

TEST_P(ClassicLoading, RefusesAComponentWithoutItsEntry)
{
    ClassicHost::Settings wrong = settings("echo");
    wrong.entry = "other_entry";
    wrong.must_start = false;
    ClassicHost host{wrong};
    EXPECT_EQ(host.wait(), 1);
    EXPECT_THAT(host.output(), HasSubstr("classic_echo.so has no other_entry"));
}

// Of what has a name of jabberd's; a C++ program shares others with the libraries it is linked with.
TEST_P(ClassicLoading, ExportsWhatItsListSays)
{
    const bool cxx = GetParam() >= Flavour::Jabberd16;
    const std::string name = GetParam() == Flavour::Jabberd11 ? "1_1" : cxx ? "1_6" : "1_4";
    std::ifstream list{std::string{std::getenv("CLASSIC_EXPORTS")} + "/exports_" + name + ".list"};
    std::string expected;
    for (std::string line; std::getline(list, line);)
        if (line.starts_with("    "))
            expected += line.substr(4, line.size() - 5) + "\n";

    ClassicHost host{settings("echo")};
    const std::string words = "(xmlnode|dpacket|deliver|register_|pool|pmalloc|pstrdup|jid_|j_str|xdb_|log_|debug_|"
                              "ns_decl|greymatter)";
    const Result exported = run({"sh", "-c",
                                 "nm -D --defined-only \"$0\" | awk '{print $3}' | grep -E '" + words +
                                     "' | grep -v 'sanitizer\\|san_\\|@' | LC_ALL=C sort",
                                 std::filesystem::read_symlink("/proc/" + std::to_string(host.pid()) + "/exe")});
    EXPECT_EQ(exported.output, expected);
}

} // namespace
} // namespace jabberd::test
