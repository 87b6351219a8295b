// SPDX-License-Identifier: LGPL-2.1-or-later
// Configurations as operators write them, and as we show them, in the real jabberd-host with the real components.
#include "support/environment.h"
#include "support/process.h"
#include "support/temp_dir.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

namespace jabberd::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

std::string content(const std::string &path)
{
    std::ifstream in{path};
    return {std::istreambuf_iterator<char>{in}, {}};
}

void replace_all(std::string &text, const std::string &what, const std::string &by)
{
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
        text.replace(at, what.size(), by);
}

// Both components lie beside the configuration.
class ConfiguredHost : public testing::Test {
protected:
    ConfiguredHost()
    {
        std::filesystem::create_symlink(environment("SOCKET_MANAGER"), dir_.path("socket_manager.so"));
        std::filesystem::create_symlink(environment("SESSION_MANAGER"), dir_.path("session_manager.so"));
    }

    std::vector<std::string> host(const std::string &configuration, const std::vector<std::string> &more = {},
                                  std::vector<std::string> before = {}) const
    {
        before.insert(before.end(), {environment("JABBERD_HOST"), "-c", dir_.write("jabber.xml", configuration),
                                     "--control", dir_.path("control")});
        before.insert(before.end(), more.begin(), more.end());
        return before;
    }

    // A socket manager with these options, from line 3 on.
    static std::string socket_manager(const std::string &options)
    {
        return "<jabber><service id='c2s'><load><socket_manager>socket_manager.so</socket_manager></load>\n<c2s "
               "xmlns='jabber:config:socket-manager'><listen port='0'>127.0.0.1</listen>\n" +
               options + "</c2s></service></jabber>";
    }

    // examples/jabber.xml, on ports that are free.
    static std::string example()
    {
        std::string text = content(environment("EXAMPLES") + "/jabber.xml");
        replace_all(text, "<listen port='5222'>", "<listen port='0'>");
        return text;
    }

    TempDir dir_;
};

TEST_F(ConfiguredHost, ReadsTheExampleOfTheSessionManagersReadmeAsItStands)
{
    const std::string readme = content(environment("EXAMPLES") + "/session_manager/README.md");
    const std::string fence = "```xml\n";
    const auto begin = readme.find(fence) + fence.size();
    Process process{host(readme.substr(begin, readme.find("```", begin) - begin))};
    ASSERT_TRUE(process.wait_for("\nready: 1 service\n"));
    EXPECT_THAT(process.output(), AllOf(HasSubstr("foo.com"), Not(HasSubstr("ignoring"))));
    process.signal(SIGTERM);
    EXPECT_EQ(process.wait(), 0);
}

TEST_F(ConfiguredHost, ReadsTheShippedExampleWithoutAWord)
{
    const Result checked = run(host(example(), {"--check"}));
    EXPECT_EQ(checked.status, 0);
    EXPECT_THAT(checked.output, AllOf(HasSubstr("no mistakes found"), Not(HasSubstr("ignoring"))));
    EXPECT_FALSE(std::filesystem::exists(dir_.path("localhost.pem"))) << "a check makes nothing";
    EXPECT_FALSE(std::filesystem::exists(dir_.path("jabberd.db")));
}

TEST_F(ConfiguredHost, ChecksTheSectionsOfItsComponents)
{
    const Result odd = run(host(socket_manager("<listen host='127.0.0.1'/>"), {"--check"}));
    EXPECT_EQ(odd.status, 0);
    EXPECT_THAT(odd.output, HasSubstr("jabber.xml:3: unknown attribute host='127.0.0.1' of <listen/>"));
    const Result wrong = run(host(socket_manager("<tls><certificate file='none.pem'/></tls>"), {"--check"}));
    EXPECT_EQ(wrong.status, 1);
    EXPECT_THAT(wrong.output, AllOf(HasSubstr("jabber.xml:3: cannot read "), HasSubstr("none.pem")));
}

TEST_F(ConfiguredHost, TellsWhatIsWrongWithMetricsAndStartsNothing)
{
    const auto with = [](const std::string &metrics) {
        std::string text = example();
        replace_all(text, "<jabber>", "<jabber>\n" + metrics);
        return text;
    };
    for (const auto &[metrics, message] : std::initializer_list<std::pair<const char *, const char *>>{
             {"<metrics port='70000'/>", "port='70000' of <metrics> is no port"},
             {"<metrics port='abc'/>", "port='abc' of <metrics> is no port"},
             {"<metrics>127.0.0.1</metrics>", "port='' of <metrics> is no port"},
             {"<metrics port='0' page='maybe'/>", "page='maybe' of <metrics> is neither yes nor no"},
             {"<metrics port='0'>localhost</metrics>", "<metrics>localhost</metrics> is no address"},
             {"<metrics port='0'>999.0.0.1</metrics>", "<metrics>999.0.0.1</metrics> is no address"}}) {
        for (const std::vector<std::string> &arguments : {std::vector<std::string>{"--check"}, {}}) {
            const Result result = run(host(with(metrics), arguments));
            EXPECT_EQ(result.status, 1) << metrics;
            EXPECT_THAT(result.output, HasSubstr(std::string{"jabber.xml:7: "} + message));
        }
    }
    Process first{host(with("<metrics port='0'/>"))};
    ASSERT_TRUE(first.wait_for("\nready: 2 services\n"));
    const std::string output = first.output(), before = "http://127.0.0.1:";
    const auto at = output.find(before) + before.size();
    const std::string port = output.substr(at, output.find('/', at) - at);
    const Result second = run(host(with("<metrics port='" + port + "'/>")));
    EXPECT_EQ(second.status, 1);
    EXPECT_THAT(second.output, AllOf(HasSubstr("jabber.xml:7: the metrics cannot be told there: "), HasSubstr("in use"),
                                     HasSubstr("nothing was started")));
    first.signal(SIGTERM);
    EXPECT_EQ(first.wait(), 0);
}

// A configuration with a mistake, and what is said of it.
struct WrongConfiguration {
    const char *name, *session_manager, *socket_manager, *complaint;
};

void PrintTo(const WrongConfiguration &wrong, std::ostream *out)
{
    *out << wrong.name;
}

constexpr const char *any_port = "<listen port='0'>127.0.0.1</listen>";

const WrongConfiguration wrong_configurations[] = {
    {"PortIsAWord", "<database>db</database>", "<listen port='abc'/>", "jabber.xml:3: the port of <listen/> is 'abc'"},
    {"PortIsTooLarge", "<database>db</database>", "<listen port='70000'/>",
     "jabber.xml:3: the port of <listen/> is '70000'"},
    {"AddressIsNone", "<database>db</database>", "<listen port='0'>999.0.0.1</listen>",
     "jabber.xml:3: '999.0.0.1' is not an IP address"},
    {"AddressIsOfAnotherMachine", "<database>db</database>", "<listen port='0'>192.0.2.1</listen>",
     "jabber.xml:2: cannot listen on 192.0.2.1:0: Cannot assign requested address"},
    {"ListensTwice", "<database>db</database>",
     "<listen port='15999'>127.0.0.1</listen><listen port='15999'>127.0.0.1"
     "</listen>",
     "is listened on already"},
    {"CertificateIsMissing", "<database>db</database>",
     "<listen port='0'>127.0.0.1</listen><tls><certificate file='none.pem'/></tls>", "jabber.xml:3: cannot read "},
    {"CertificateIsDamaged", "<database>db</database>",
     "<listen port='0'>127.0.0.1</listen><tls><certificate file='junk'/></tls>", "there is no certificate in "},
    {"RegisterIsMaybe", "<database>db</database><register>maybe</register>", any_port,
     "jabber.xml:2: <register> must be 'yes' or 'no', not 'maybe'"},
    {"IterationsAreFew", "<database>db</database><iterations>1</iterations>", any_port, "jabber.xml:2: "},
    {"DatabaseIsNotNamed", "<register>yes</register>", any_port, "needs <database>"},
    {"DatabaseHasNoFolder", "<database>no/such/db</database>", any_port, "no/such/db: unable to open database file"},
    {"DatabaseIsAFolder", "<database>folder</database>", any_port, "it is a directory"},
    {"DatabaseIsAnotherFile", "<database>junk</database>", any_port, "file is not a database"},
    {"DatabaseIsShort", "<database>short</database>", any_port, "file is not a database"},
    {"DatabaseIsOfTomorrow", "<database>newer</database>", any_port, "made by a newer version of this program"},
    {"TwoMistakes", "<database>db</database><register>perhaps</register>", "<listen port='-1'/>", "'perhaps'"},
};

class WrongConfigured : public ConfiguredHost, public testing::WithParamInterface<WrongConfiguration> {
protected:
    // Without the time of day, and in the order of the lines.
    static std::string mistakes_of(const Result &result)
    {
        std::istringstream lines{result.output};
        std::string mistakes;
        for (std::string line; std::getline(lines, line);)
            mistakes += line.find("jabber.xml:") == std::string::npos ? "" : line + "\n";
        return mistakes;
    }

    std::vector<std::string> files() const
    {
        std::vector<std::string> names;
        for (const auto &entry : std::filesystem::recursive_directory_iterator{dir_.path()})
            names.push_back(entry.path().string());
        std::ranges::sort(names);
        return names;
    }
};

TEST_P(WrongConfigured, IsToldTheSameByACheckAsByAStart)
{
    dir_.write("junk", std::string(1000, 'x'));
    dir_.write("short", "SQLite format 3");
    std::string newer = std::string{"SQLite format 3", 16} + std::string(84, '\0');
    newer.replace(16, 8, std::string{"\x10\x00\x01\x01\x00\x40\x20\x20", 8}); // pages of 4096 bytes
    newer.replace(28, 4, std::string{"\x00\x00\x00\x01", 4});                 // one of them
    newer.replace(44, 4, std::string{"\x00\x00\x00\x04", 4});                 // schema format
    newer.replace(56, 8, std::string{"\x00\x00\x00\x01\x00\x00\x00\x63", 8}); // UTF-8, and a version of 99
    newer += std::string{"\x0d\x00\x00\x00\x00\x10\x00\x00", 8} + std::string(4096 - 108, '\0');
    dir_.write("newer", newer);
    std::filesystem::create_directory(dir_.path("folder"));
    const std::string configuration =
        std::string{"<jabber><service id='sessions'><host>localhost</host><load><session_manager>session_manager.so"
                    "</session_manager></load>\n<sessions xmlns='jabber:config:session-manager'>"} +
        GetParam().session_manager +
        "</sessions></service><service id='c2s'><load><socket_manager>socket_manager.so"
        "</socket_manager></load>\n<c2s xmlns='jabber:config:socket-manager'>" +
        GetParam().socket_manager + "</c2s></service></jabber>";
    const auto command = host(configuration, {"--check"});
    const auto before = files();
    const Result checked = run(command);
    EXPECT_EQ(files(), before) << "a check makes nothing";
    const Result started = run(host(configuration));
    EXPECT_THAT(checked.output, HasSubstr(GetParam().complaint));
    EXPECT_EQ(mistakes_of(checked), mistakes_of(started));
    EXPECT_EQ(checked.status, 1);
    EXPECT_EQ(started.status, 1);
}

INSTANTIATE_TEST_SUITE_P(Mistakes, WrongConfigured, testing::ValuesIn(wrong_configurations),
                         [](const auto &about) { return std::string{about.param.name}; });

// The server whose configuration is being changed has it.
TEST_F(ConfiguredHost, ChecksAConfigurationWhosePortIsTaken)
{
    Process process{host(socket_manager(""))};
    ASSERT_TRUE(process.wait_for("\nready"));
    const std::string output = process.output();
    const std::string address = "127.0.0.1:";
    const auto port = output.substr(output.find(address) + address.size());
    std::string configuration = socket_manager("");
    replace_all(configuration, "port='0'", "port='" + port.substr(0, port.find_first_not_of("0123456789")) + "'");
    dir_.write("other.xml", configuration);
    const Result checked = run({environment("JABBERD_HOST"), "--check", "-c", dir_.path("other.xml")});
    EXPECT_EQ(checked.status, 0);
    EXPECT_THAT(checked.output, HasSubstr("Address already in use; a start needs it to be free"));
    process.signal(SIGTERM);
    EXPECT_EQ(process.wait(), 0);
}

// A FIFO that nobody writes to, in the place of each file that is named somewhere.
TEST_F(ConfiguredHost, WaitsForNoFifo)
{
    for (const char *name : {"fifo.pem", "fifo.db", "fifo.xml", "jabberd.xml"})
        ASSERT_EQ(mkfifo(dir_.path(name).c_str(), 0600), 0);
    const auto refused = [](const Result &result) {
        EXPECT_EQ(result.status, 1);
        EXPECT_THAT(result.output, HasSubstr("it is a FIFO; a regular file is needed"));
    };
    refused(run({environment("JABBERD_HOST"), "--check", "-c", dir_.path("jabberd.xml")}));
    refused(run(host("<jabber><include>fifo.xml</include></jabber>", {"--check"})));
    refused(run(host(socket_manager("<tls><certificate file='fifo.pem'/></tls>"), {"--check"})));
    refused(run(host(socket_manager("<tls><certificate file='fifo.pem'/></tls>"))));
    std::string with_fifo = example();
    replace_all(with_fifo, "jabberd.db", "fifo.db");
    refused(run(host(with_fifo)));
}

// An operator's shell gives a program fewer than it may have.
TEST_F(ConfiguredHost, HasAllDescriptorsThatItMayHave)
{
    Process process{
        host(socket_manager(""), {}, {"sh", "-c", "ulimit -Sn 200 && ulimit -Hn 3456 && exec \"$@\"", "sh"})};
    ASSERT_TRUE(process.wait_for("\nready"));
    EXPECT_THAT(process.output(), HasSubstr("  3456 file descriptors, one for each client"));
    const std::string limits = content("/proc/" + std::to_string(process.pid()) + "/limits");
    const std::string open_files = limits.substr(limits.find("Max open files"));
    std::istringstream words{open_files.substr(std::string{"Max open files"}.size())};
    int soft = 0, hard = 0;
    words >> soft >> hard;
    EXPECT_EQ(soft, 3456);
    process.signal(SIGTERM);
    EXPECT_EQ(process.wait(), 0);
}

// Of the two ways in which a machine has no IPv6.
class HostWithoutIPv6 : public ConfiguredHost, public testing::WithParamInterface<const char *> {};

TEST_P(HostWithoutIPv6, StartsWithANotice)
{
    const std::vector<std::string> without{environment("WITHOUT_IPV6"), GetParam()};
    if (run({without[0], without[1], "/bin/true"}).status == 77)
        GTEST_SKIP() << "this machine does not let us take its IPv6 away";
    Process process{host(example(), {}, without)};
    ASSERT_TRUE(process.wait_for("this machine has no IPv6: not listening on [::1]:0"));
    ASSERT_TRUE(process.wait_for("\nready: 2 services\n"));
    EXPECT_THAT(process.output(), HasSubstr("127.0.0.1:"));
    process.signal(SIGTERM);
    EXPECT_EQ(process.wait(), 0);
}

TEST_P(HostWithoutIPv6, ListensOnAllAddressesThatThereAre)
{
    const std::vector<std::string> without{environment("WITHOUT_IPV6"), GetParam()};
    if (run({without[0], without[1], "/bin/true"}).status == 77)
        GTEST_SKIP() << "this machine does not let us take its IPv6 away";
    const std::string everywhere = "<jabber><service id='c2s'><load><socket_manager>socket_manager.so</socket_manager>"
                                   "</load><c2s xmlns='jabber:config:socket-manager'><listen port='0'/></c2s>"
                                   "</service></jabber>";
    const Result checked = run(host(everywhere, {"--check"}, without));
    EXPECT_EQ(checked.status, 0);
    EXPECT_THAT(checked.output, Not(HasSubstr("warning")));
    Process process{host(everywhere, {}, without)};
    ASSERT_TRUE(process.wait_for("\nready: 1 service\n"));
    EXPECT_THAT(process.output(), AllOf(HasSubstr("0.0.0.0:"), Not(HasSubstr("warning")), Not(HasSubstr("error"))));
    process.signal(SIGTERM);
    EXPECT_EQ(process.wait(), 0);
}

INSTANTIATE_TEST_SUITE_P(Ways, HostWithoutIPv6, testing::Values("family", "address"));

} // namespace
} // namespace jabberd::test
