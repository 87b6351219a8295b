// SPDX-License-Identifier: LGPL-2.1-or-later
// The component in a classic host, with that host's own session manager: what clients, operators and the host see.
#include "support/classic_host.h"
#include "support/environment.h"
#include "support/user.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <dlfcn.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <set>

namespace jabberd::test {
namespace {

using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

constexpr char stream_header[] = "<stream:stream to='localhost' version='1.0' xmlns='jabber:client' "
                                 "xmlns:stream='http://etherx.jabber.org/streams'>";

// False when it does not come.
bool wait_for(Client &client, std::string_view element)
{
    while (const auto event = client.receive()) {
        if (event->element.name == element)
            return true;
    }
    return false;
}

void log_in(std::uint16_t port, const std::string &user, const std::string &password, const std::string &resource)
{
    Client client{port};
    client.send("<stream:stream to='localhost' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"
                "<iq type='set' id='login'><query xmlns='jabber:iq:auth'><username>" +
                user + "</username><password>" + password + "</password><resource>" + resource +
                "</resource></query></iq>");
    EXPECT_TRUE(wait_for(client, "iq")) << client.received();
}

void ask_fields(std::uint16_t port, const std::string &user)
{
    Client client{port};
    client.send("<stream:stream to='localhost' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"
                "<iq type='get' id='fields'><query xmlns='jabber:iq:auth'><username>" +
                user + "</username></query></iq>");
    EXPECT_TRUE(wait_for(client, "iq")) << client.received();
}

bool begin_tls(Client &client)
{
    client.send(stream_header);
    client.send("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
    if (!wait_for(client, "proceed") || !client.begin_tls("localhost"))
        return false;
    client.send(stream_header);
    return wait_for(client, "features");
}

// "success" or "failure".
std::string plain(Client &client, const std::string &message)
{
    client.send("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>" + message + "</auth>");
    const auto answer = client.receive();
    return answer ? answer->element.name : "";
}

std::size_t count(const std::string &text, std::string_view what)
{
    std::size_t found = 0;
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1))
        ++found;
    return found;
}

constexpr char tls[] = "<tls required='no'><certificate file='localhost.pem' self-signed='localhost'/></tls>";

// The id that every 1.1 has had, and that is no address.
constexpr char id_of_1_1[] = "pthsock client to server manager";

constexpr char no_caps[] = "<limits><connections-per-address>0</connections-per-address><attempts-per-second>0"
                           "</attempts-per-second></limits>";

class ClassicServer : public testing::TestWithParam<ClassicHost::Flavour> {
protected:
    static ClassicHost::Settings settings(const std::string &options = "")
    {
        return {.flavour = GetParam(),
                .component = environment("COMPONENT"),
                .options = "<control>control</control>" + options};
    }

    // As an operator had it before we came.
    static ClassicHost::Settings settings_with_old_id(const std::string &options)
    {
        ClassicHost::Settings old = settings(options);
        if (GetParam() == ClassicHost::Flavour::Jabberd11)
            old.id = id_of_1_1;
        return old;
    }

    static void rewrite_configuration(const ClassicHost &host, std::string_view what, const std::string &with)
    {
        std::ifstream in{host.path("jabber.xml")};
        std::string configuration{std::istreambuf_iterator<char>{in}, {}};
        configuration.replace(configuration.find(what), what.size(), with);
        std::ofstream{host.path("jabber.xml")} << configuration;
    }

    static std::string host_name()
    {
        switch (GetParam()) {
        case ClassicHost::Flavour::Jabberd11: return "jabberd 1.1";
        case ClassicHost::Flavour::Jabberd14: return "jabberd 1.4";
        default: return "jabberd 1.6";
        }
    }

    static std::size_t event_loops(const ClassicHost &host)
    {
        std::size_t count = 0;
        for (const auto &task : std::filesystem::directory_iterator{"/proc/" + std::to_string(host.pid()) + "/task"}) {
            std::string name;
            std::getline(std::ifstream{task.path() / "comm"}, name);
            count += name.starts_with("c2s/");
        }
        return count;
    }

    static Result ctl(const ClassicHost &host, std::vector<std::string> arguments)
    {
        arguments.insert(arguments.begin(), {environment("JABBERD_CTL"), "--socket", host.path("control")});
        return run(arguments);
    }

    // A file of its own, as every new build is.
    static std::string another_component(const ClassicHost &host, const std::string &name)
    {
        std::filesystem::copy_file(environment("COMPONENT"), host.path(name));
        return host.path(name);
    }

    static std::string second_service(const std::string &options)
    {
        const std::string load = "<load><pthsock_client>" + environment("COMPONENT") + "</pthsock_client></load>";
        if (GetParam() == ClassicHost::Flavour::Jabberd11)
            return "<service id='second'><host>second</host>" + load + "<cfg xmlns='jabberd:pth-csock:config'>" +
                   "<host>second</host><listen>127.0.0.1:0</listen>" + options + "</cfg></service>";
        return "<service id='second'>" + load + "<pthcsock xmlns='jabber:config:pth-csock'>" +
               "<ip port='0'>127.0.0.1</ip>" + options + "</pthcsock></service>";
    }

    static std::size_t low_descriptors(const ClassicHost &host)
    {
        std::size_t count = 0;
        for (const auto &entry : std::filesystem::directory_iterator{"/proc/" + std::to_string(host.pid()) + "/fd"})
            count += std::stoi(entry.path().filename()) < 1024;
        return count;
    }
};

TEST_P(ClassicServer, CarriesMessagesBothWays)
{
    ClassicHost host{settings()};
    User alice{host.port(), "alice"}, bob{host.port(), "bob"};
    alice.say(bob.address(), "hello bob");
    EXPECT_EQ(bob.hear(), (User::Message{alice.address(), "hello bob"}));
    bob.say("alice@localhost", "hello &lt;alice&gt;");
    EXPECT_EQ(alice.hear(), (User::Message{bob.address(), "hello <alice>"}));
    EXPECT_THAT(host.output(), HasSubstr(GetParam() == ClassicHost::Flavour::Jabberd11 ? "sessions by sto and sfrom"
                                                                                       : "sessions by <route/>"));
}

TEST_P(ClassicServer, SaysInTheHostsLogWhoItIsAbout)
{
    ClassicHost host{settings()};
    User{host.port(), "alice"}.client().reset();
    EXPECT_TRUE(host.wait_for_output(" stanzas_out="));
    EXPECT_THAT(host.output(), ContainsRegex("alice@localhost/[^ ]+ \\(127[0-9.:]+\\) disconnected: .* "
                                             "connection=[0-9]+@c2s/.* client=127[0-9.:]+ .*stanzas_in="));
}

// An address, whatever the service is called: under anything else 1.1 loses a line, and what it has allocated for it.
TEST_P(ClassicServer, LogsUnderAnAddress)
{
    ClassicHost host{settings_with_old_id("<colour>blue</colour>")};
    EXPECT_TRUE(host.wait_for_output("log_notice c2s: socket manager "));
    EXPECT_TRUE(host.wait_for_output("unknown option <colour/>"));
    User{host.port(), "alice"}.client().reset();
    EXPECT_TRUE(host.wait_for_output(" disconnected: "));
    EXPECT_THAT(host.output(), Not(HasSubstr("Logging Failed"))) << "before the log was there";
    host.stop(); // with 0: nothing has leaked
}

TEST_P(ClassicServer, SaysUnderAnAddressWhyItDoesNotRun)
{
    ClassicHost wrong{settings_with_old_id("<authtime>soon</authtime>")};
    EXPECT_TRUE(wrong.wait_for_output("log_alert c2s: the socket manager has mistakes in its configuration"));
    EXPECT_THAT(wrong.output(), AllOf(HasSubstr("<authtime/> is 'soon'"), Not(HasSubstr("Logging Failed"))));

    const ClassicHost other{settings()};
    ClassicHost::Settings same = settings_with_old_id("");
    const std::string port = std::to_string(other.port());
    same.listen = GetParam() == ClassicHost::Flavour::Jabberd11 ? "<listen>127.0.0.1:" + port + "</listen>"
                                                                : "<ip port='" + port + "'>127.0.0.1</ip>";
    ClassicHost busy{same};
    EXPECT_TRUE(busy.wait_for_output("log_alert c2s: the socket manager has mistakes in its configuration"));
    EXPECT_THAT(busy.output(), HasSubstr("cannot listen on 127.0.0.1:" + port));
}

// No address at all: the host has one of its own.
TEST_P(ClassicServer, LogsUnderTheHostsNameWhereItHasNone)
{
    if (GetParam() != ClassicHost::Flavour::Jabberd11)
        GTEST_SKIP() << "later versions route by the id of a service";
    auto both = settings();
    both.sections =
        "<service id='" + std::string{id_of_1_1} + "'><load><pthsock_client>" + environment("COMPONENT") +
        "</pthsock_client></load><cfg xmlns='jabberd:pth-csock:config'><listen>none</listen></cfg></service>";
    ClassicHost host{both};
    EXPECT_TRUE(host.wait_for_output("log_alert -internal: the socket manager has mistakes in its configuration"));
}

// The stub counts what it has made for us, and stops with 0 when nothing of it is left.
TEST_P(ClassicServer, GivesBackWhatTheHostMakesForIt)
{
    ClassicHost host{settings_with_old_id(no_caps)};
    User alice{host.port(), "alice"};
    for (int i = 0; i < 20; ++i) {
        User bob{host.port(), "bob", "r" + std::to_string(i)};
        for (int k = 0; k < 20; ++k) {
            alice.say(bob.address(), "hello");
            EXPECT_EQ(bob.hear(), (User::Message{alice.address(), "hello"}));
        }
        log_in(host.port(), "bob", "wrong", "r");
        bob.client().reset();
    }
    host.stop();
    EXPECT_THAT(host.output(), HasSubstr("stub: 0 packets leaked"));
}

TEST_P(ClassicServer, IsShownAsTheServerThatItIsIn)
{
    ClassicHost host{settings()};
    const std::string server = host_name();
    EXPECT_THAT(ctl(host, {"status"}).output, HasSubstr(server + ", socket manager "));
    Process trace{{environment("JABBERD_CTL"), "--socket", host.path("control"), "trace"}};
    ASSERT_TRUE(trace.wait_for("tracing"));
    User alice{host.port(), "alice"};
    EXPECT_TRUE(trace.wait_for("c2s → " + server + " <iq "));
    EXPECT_TRUE(trace.wait_for(server + " → c2s <iq "));
    host.stop();
    trace.wait();
    EXPECT_THAT(trace.output(), AllOf(Not(HasSubstr("nobody")), Not(HasSubstr("host →"))));
}

// It has no command line of ours.
TEST_P(ClassicServer, AdvisesWhatThisServerHas)
{
    auto wrong = settings();
    wrong.options = "<control>jabber.xml</control>";
    ClassicHost host{wrong};
    EXPECT_TRUE(host.wait_for_output("it is not a socket; <control/> names another, ignoring"));
    EXPECT_THAT(host.output(), Not(HasSubstr("--control")));
}

TEST_P(ClassicServer, RenewsItsCertificateAtSighup)
{
    auto without_control = settings();
    without_control.options = tls;
    ClassicHost host{without_control};
    const auto certificate_name = [&] {
        Client client{host.port()};
        EXPECT_TRUE(begin_tls(client));
        return client.tls() == nullptr ? "" : client.tls()->certificate_name();
    };
    EXPECT_EQ(certificate_name(), "localhost");
    std::string now = tls;
    for (const std::string name : {"second", "third"}) {
        const std::string next = "<tls required='no'><certificate file='" + name + ".pem' self-signed='" + name +
                                 "'/></tls><is-" + name + "/>";
        rewrite_configuration(host, std::exchange(now, next), next);
        host.signal(SIGHUP);
        EXPECT_TRUE(host.wait_for_output("unknown option <is-" + name + "/>")); // it is read, and what it says holds
        EXPECT_EQ(certificate_name(), name);
    }
}

TEST_P(ClassicServer, HasOneEventLoopUnlessItIsToldOtherwise)
{
    const ClassicHost usual{settings()}, told{settings("<threads>2</threads>")};
    User{usual.port(), "alice"}.client().reset(); // it runs
    User{told.port(), "alice"}.client().reset();
    EXPECT_EQ(event_loops(usual), 1u);
    EXPECT_EQ(event_loops(told), 2u);
}

TEST_P(ClassicServer, LosesNoMessageOfAClientThatIsGone)
{
    ClassicHost host{settings()};
    User alice{host.port(), "alice"};
    {
        User bob{host.port(), "bob"};
        bob.client().reset();
    }
    for (const char *body : {"one", "two", "three"})
        alice.say("bob@localhost", body);
    User bob{host.port(), "bob", "later"};
    std::multiset<std::string> heard; // session managers do not keep the order of what they have stored
    for (int i = 0; i < 3; ++i)
        heard.insert(bob.hear().value_or(User::Message{}).body);
    EXPECT_EQ(heard, (std::multiset<std::string>{"one", "two", "three"}));
}

TEST_P(ClassicServer, EndsTheOlderOfTwoSessionsWithOneResource)
{
    ClassicHost host{settings()};
    User older{host.port(), "alice"}, newer{host.port(), "alice"}, bob{host.port(), "bob"};
    EXPECT_EQ(older.client().wait_for_ending(), Client::Ending::Closed);
    EXPECT_THAT(older.client().received(), HasSubstr("<conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"));
    bob.say(newer.address(), "still there?");
    EXPECT_EQ(newer.hear(), (User::Message{bob.address(), "still there?"}));
}

TEST_P(ClassicServer, HoldsAThousandClientsAndLeavesLowDescriptorsToTheHost)
{
    ClassicHost host{settings(no_caps)};
    std::vector<std::unique_ptr<User>> users;
    for (int i = 0; i < 1000; ++i)
        users.push_back(std::make_unique<User>(host.port(), "u" + std::to_string(i)));
    EXPECT_LT(low_descriptors(host), 40u);
    for (std::size_t i = 0; i < users.size(); ++i)
        users[i]->say(users[(i + 1) % users.size()]->address(), "to my neighbour");
    for (std::size_t i = 0; i < users.size(); ++i)
        EXPECT_EQ(users[(i + 1) % users.size()]->hear(), (User::Message{users[i]->address(), "to my neighbour"}));
}

TEST_P(ClassicServer, IsSwappedByTheOperatorAndByAnotherFileInItsConfiguration)
{
    ClassicHost host{settings()};
    User alice{host.port(), "alice"}, bob{host.port(), "bob"};
    const std::string second = another_component(host, "second.so");
    const Result swapped = ctl(host, {"swap", "c2s", second});
    EXPECT_EQ(swapped.status, 0) << swapped.output;
    EXPECT_THAT(swapped.output, HasSubstr(", " + second + "; its packets waited "));
    alice.say(bob.address(), "after a swap");
    EXPECT_EQ(bob.hear(), (User::Message{alice.address(), "after a swap"}));
    EXPECT_THAT(ctl(host, {"status"}).output, AllOf(HasSubstr(second), ContainsRegex("authenticated +2\n")));
    EXPECT_THAT(ctl(host, {"swap", "c2s", host.path("jabber.xml")}).output, HasSubstr("not swapped: load: "));

    std::ifstream in{host.path("jabber.xml")};
    std::string configuration{std::istreambuf_iterator<char>{in}, {}};
    const std::string third = another_component(host, "third.so");
    configuration.replace(configuration.find(environment("COMPONENT")), environment("COMPONENT").size(), third);
    std::ofstream{host.path("jabber.xml")} << configuration;
    const Result reloaded = ctl(host, {"reload"});
    EXPECT_EQ(reloaded.status, 0) << reloaded.output;
    EXPECT_THAT(ctl(host, {"status"}).output, HasSubstr(third));
    bob.say(alice.address(), "after a reload");
    EXPECT_EQ(alice.hear(), (User::Message{bob.address(), "after a reload"}));
    EXPECT_THAT(host.output(), Not(HasSubstr("is still in memory")));
}

// 1.1 has none, and gets none: the first of these tests looks there, too.
class ClassicServerWithRecords : public ClassicServer {};

TEST_P(ClassicServer, RecordsWhoLogsInAndWhoMayNot)
{
    ClassicHost host{settings(no_caps)};
    const auto recorded = [&](const std::string &record) {
        EXPECT_TRUE(!ClassicHost::has_routes(GetParam()) || host.wait_for_output("log_record " + record + "\n"));
    };
    log_in(host.port(), "Alice", "wrong", "home");
    recorded("alice@localhost login fail: 127.0.0.1 401 home");
    log_in(host.port(), "Alice", "secret", "at home");
    recorded("alice@localhost login ok: 127.0.0.1 at home");
    ask_fields(host.port(), "nobody");
    recorded("nobody@localhost login fail: 127.0.0.1 401 (null)");
    log_in(host.port(), "alice", "secret", "%s%n");
    recorded("alice@localhost login ok: 127.0.0.1 %s%n");
    host.stop();
    const std::string output = host.output();
    EXPECT_EQ(count(output, "log_record "), ClassicHost::has_routes(GetParam()) ? 4u : 0u) << output;
}

TEST_P(ClassicServerWithRecords, ARecordIsOneLineWhateverAResourceHoldsIn)
{
    ClassicHost host{settings(no_caps)};
    log_in(host.port(), "alice", "wrong", "a&#x2028;log_record bob@localhost login ok: 6.6.6.6 x");
    EXPECT_TRUE(host.wait_for_output("log_record alice@localhost login fail: 127.0.0.1 401 a\\u{2028}log_record bob@"));
    log_in(host.port(), "alice", "secret", "b&#x85;&#x202e;log_record bob");
    EXPECT_TRUE(
        host.wait_for_output("log_record alice@localhost login ok: 127.0.0.1 b\\u{85}\\u{202e}log_record bob\n"));
    log_in(host.port(), "alice", "secret", "c&#10;log_record bob"); // of which no host with records makes an address
    EXPECT_TRUE(host.wait_for_output("log_record alice@localhost login fail: 127.0.0.1 406 (null)\n"));
    EXPECT_THAT(host.output(), Not(HasSubstr("\nlog_record bob")));
}

// SASL PLAIN, which is translated; a password is known to be right as soon as it was taken.
TEST_P(ClassicServerWithRecords, RecordsLoginsBySasl)
{
    ClassicHost host{settings(no_caps + std::string{tls})};
    Client client{host.port()};
    EXPECT_TRUE(begin_tls(client));
    EXPECT_EQ(plain(client, "AGFsaWNlAHdyb25n"), "failure");
    EXPECT_TRUE(host.wait_for_output("log_record alice@localhost login fail: 127.0.0.1 401 "));
    EXPECT_EQ(plain(client, "AGFsaWNlAHNlY3JldA=="), "success");
    client.reset(); // before it has bound a resource
    EXPECT_TRUE(host.wait_for_output("log_record alice@localhost login ok: 127.0.0.1 "));
    Client other{host.port()};
    EXPECT_TRUE(begin_tls(other));
    EXPECT_EQ(plain(other, "AGJvYgBzZWNyZXQ="), "success");
    other.forget();
    other.send(stream_header +
               std::string{"<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>"});
    EXPECT_TRUE(host.wait_for_output("log_record bob@localhost login ok: 127.0.0.1 "));
}

TEST_P(ClassicServer, NamesTheLineOfWhatItDoesNotKnow)
{
    ClassicHost host{settings("\n<colour>blue</colour>")};
    EXPECT_TRUE(host.wait_for_output("unknown option <colour/>"));
    const std::string output = host.output();
    std::ifstream in{host.path("jabber.xml")};
    std::string line;
    unsigned number = 0;
    while (std::getline(in, line) && ++number > 0 && line.find("<colour>") == std::string::npos)
        continue;
    EXPECT_THAT(output,
                HasSubstr(host.path("jabber.xml") + ":" + std::to_string(number) + ": unknown option <colour/>"));
}

// 1.1 includes nothing, and would not start with such a file.
TEST_P(ClassicServer, ReloadsWhatItsConfigurationIncludes)
{
    ClassicHost host{settings("<noregister/>")};
    std::ifstream in{host.path("jabber.xml")};
    std::string configuration{std::istreambuf_iterator<char>{in}, {}};
    const bool is_1_6 = configuration.find("configfile") != std::string::npos;
    const std::string include = is_1_6 ? "<r:include xmlns:r='http://jabberd.org/ns/configfile/replace'>" +
                                             host.path("more.xml") + "</r:include>"
                                       : "<jabberd:include>" + host.path("more.xml") + "</jabberd:include>";
    configuration.replace(configuration.find("<noregister/>"), 13, include);
    std::ofstream{host.path("jabber.xml")} << configuration;
    std::ofstream{host.path("more.xml")} << "\n\n<colour>blue</colour>\n";
    const Result reloaded = ctl(host, {"reload"});
    EXPECT_EQ(reloaded.status, 0) << reloaded.output;
    EXPECT_THAT(reloaded.output, HasSubstr(host.path("more.xml") + ":3: unknown option <colour/>"));

    std::filesystem::remove(host.path("more.xml"));
    const Result refused = ctl(host, {"reload"});
    EXPECT_NE(refused.status, 0);
    EXPECT_THAT(refused.output, HasSubstr("more.xml, which is included here, cannot be used"));
    EXPECT_TRUE(host.wait_for_output("the configuration has mistakes; what has them goes on as it was"));
}

TEST_P(ClassicServer, LeavesTheHostRunningWhenItsConfigurationIsWrong)
{
    ClassicHost::Settings wrong = settings("<authtime>soon</authtime>");
    ClassicHost host{wrong};
    EXPECT_TRUE(host.wait_for_output("this server runs without it"));
    EXPECT_THAT(host.output(), HasSubstr("<authtime/> is 'soon'"));
}

// Whatever it was doing: the port is free, the control socket is replaced, nothing of the process is left.
// One for each of its services, all out of one file.
TEST_P(ClassicServer, MayHaveTwoSocketManagers)
{
    auto both = settings();
    both.sections = second_service("");
    ClassicHost host{both};
    const auto ports = host.ports(2);
    ASSERT_EQ(ports.size(), 2u);
    User alice{ports[0], "alice"}, bob{ports[1], "bob"};
    alice.say(bob.address(), "from one to the other");
    EXPECT_EQ(bob.hear(), (User::Message{alice.address(), "from one to the other"}));
    alice.client().reset();
    bob.client().reset();
    host.stop();
    for (const std::string id : {"c2s", "second"})
        EXPECT_THAT(host.output(),
                    ContainsRegex("log_notice " + id + ": .* disconnected: .*connection=[0-9]+@" + id + "/"));
}

TEST_P(ClassicServer, GoesOnWhenAnotherOneCannot)
{
    auto both = settings();
    both.sections = second_service("<authtime>soon</authtime>");
    ClassicHost host{both};
    EXPECT_TRUE(host.wait_for_output("second: the socket manager has mistakes"));
    User{host.port(), "alice"}.client().reset();
    EXPECT_TRUE(host.wait_for_output(" disconnected: "));
}

TEST_P(ClassicServer, LeavesNothingBehindWhenItIsKilled)
{
    const TempDir directory;
    ClassicHost::Settings same = settings();
    same.options = "<control>" + directory.path("control") + "</control>";
    std::uint16_t port = 0;
    for (int moment = 0; moment < 5; ++moment) {
        ClassicHost host{same};
        ASSERT_TRUE(moment == 0 || host.port() == port);
        port = host.port();
        same.listen = GetParam() == ClassicHost::Flavour::Jabberd11
                          ? "<listen>127.0.0.1:" + std::to_string(port) + "</listen>"
                          : "<ip port='" + std::to_string(port) + "'>127.0.0.1</ip>";
        EXPECT_EQ(run({environment("JABBERD_CTL"), "--socket", directory.path("control"), "status"}).status, 0);
        User alice{port, "alice"}, bob{port, "bob"};
        for (int i = 0; i < moment * 20; ++i)
            alice.say(bob.address(), "on its way");
        const pid_t process = host.pid();
        host.kill();
        EXPECT_FALSE(std::filesystem::exists("/proc/" + std::to_string(process)));
    }
}

// In a build of its own, and for minutes: only where VALGRIND names it.
TEST_P(ClassicServer, IsCleanUnderValgrind)
{
    ClassicHost::Settings watched = settings();
    watched.before = {environment("VALGRIND"),
                      "-q",
                      "--max-stackframe=30000",
                      "--leak-check=full",
                      "--errors-for-leak-kinds=definite,indirect",
                      "--suppressions=" + environment("VALGRIND_SUPPRESSIONS"),
                      "--error-exitcode=9"};
    if (watched.before[0].empty())
        GTEST_SKIP() << "the test classic_valgrind does this";
    ClassicHost host{watched};
    User alice{host.port(), "alice"};
    {
        User bob{host.port(), "bob"};
        alice.say(bob.address(), "hello");
        EXPECT_EQ(bob.hear(), (User::Message{alice.address(), "hello"}));
        bob.client().reset();
    }
    EXPECT_EQ(ctl(host, {"swap", "c2s", another_component(host, "second.so")}).status, 0);
    alice.say("bob@localhost", "kept");
    User bob{host.port(), "bob", "later"};
    EXPECT_EQ(bob.hear(), (User::Message{alice.address(), "kept"}));
    User conflicting{host.port(), "alice"};
    EXPECT_EQ(alice.client().wait_for_ending(), Client::Ending::Closed);
    host.stop(); // with 0, or valgrind had something to say
}

INSTANTIATE_TEST_SUITE_P(In, ClassicServer, testing::ValuesIn(ClassicHost::flavours));
INSTANTIATE_TEST_SUITE_P(In, ClassicServerWithRecords,
                         testing::Values(ClassicHost::Flavour::Jabberd14, ClassicHost::Flavour::Jabberd16,
                                         ClassicHost::Flavour::Jabberd16Of2019));

// This program is no jabberd.
TEST(ClassicEntry, SaysWhatAHostLacks)
{
    void *component = dlopen(environment("COMPONENT").c_str(), RTLD_NOW | RTLD_LOCAL);
    ASSERT_NE(component, nullptr) << dlerror();
    const auto entry = reinterpret_cast<void (*)(void *, void *)>(dlsym(component, "pthsock_client"));
    ASSERT_NE(entry, nullptr);
    testing::internal::CaptureStderr();
    entry(nullptr, nullptr);
    EXPECT_THAT(testing::internal::GetCapturedStderr(),
                AllOf(HasSubstr("this host cannot run a socket manager: it has no register_phandler, dpacket_new"),
                      HasSubstr("it goes on without")));
    EXPECT_EQ(dlerror(), nullptr) << "1.1 would take it for a component that failed to load";
    dlclose(component);
}

} // namespace
} // namespace jabberd::test
