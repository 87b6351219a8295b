// SPDX-License-Identifier: LGPL-2.1-or-later
// Components that others wrote, behind our host: they serve our clients both ways.
#include "support/environment.h"
#include "support/log_file.h"
#include "support/running_host.h"
#include "support/user.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>

namespace jabberd::test {
namespace {

using testing::HasSubstr;

// The words of a command in the environment, between commas; none: it is not installed.
std::vector<std::string> command(const char *variable)
{
    const char *text = std::getenv(variable); // NOLINT: nobody sets it meanwhile
    std::istringstream words{text == nullptr ? "" : text};
    std::vector<std::string> all;
    for (std::string word; std::getline(words, word, ',');)
        all.push_back(word);
    return all;
}

class Components : public testing::Test {
protected:
    static std::string service()
    {
        return "<service id='components'>"
               "<load><component_stream>" +
               needed_environment("COMPONENT_STREAM") +
               "</component_stream></load>\n"
               "<component-stream xmlns='jabber:config:component-stream'><accept><ip>127.0.0.1</ip><port>0</port>"
               "<secret>shared</secret><host>rooms.localhost</host><host>irc.localhost</host></accept>"
               "</component-stream></service>\n";
    }

    std::string log() const { return contents_of(host_.path("log")); }

    bool wait_for_log(const std::string &part) const { return test::wait_for_log(host_.path("log"), part); }

    std::string port() const
    {
        EXPECT_TRUE(wait_for_log("listens for components"));
        const std::string text = log();
        std::smatch found;
        EXPECT_TRUE(std::regex_search(text, found, std::regex{"listens for components address=127\\.0\\.0\\.1:(\\d+)"}))
            << text;
        return found[1];
    }

    std::vector<std::string> slixmpp(const std::string &secret = "shared") const
    {
        auto words = command("SLIXMPP_COMPONENT");
        if (!words.empty())
            words.insert(words.end(), {port(), "rooms.localhost", secret});
        return words;
    }

    // What the client is sent next that has this in it.
    static std::string hear(User &user, const std::string &part)
    {
        while (const auto event = user.client().receive()) {
            const std::string text = event->text();
            if (text.find(part) != std::string::npos)
                return text;
        }
        return "";
    }

    const RunningHost host_{RunningHost::Settings{.services = service()}};
};

TEST_F(Components, OfSlixmppTalkWithClientsBothWays)
{
    const auto words = slixmpp();
    if (words.empty())
        GTEST_SKIP() << "slixmpp is not installed";
    Process component{words};
    ASSERT_TRUE(component.wait_for("ready"));
    User ann{host_.port(), "ann"};
    ann.say("echo@rooms.localhost", "hello");
    EXPECT_TRUE(component.wait_for("ann@localhost/test hello"));
    const auto answer = ann.hear();
    ASSERT_TRUE(answer);
    EXPECT_EQ(*answer, (User::Message{"echo@rooms.localhost", "you said hello"}));
    component.say("ann@localhost first");
    EXPECT_EQ(ann.hear(), (User::Message{"somebody@rooms.localhost", "first"}));
    ann.client().send("<iq type='get' id='d' to='rooms.localhost'><query "
                      "xmlns='http://jabber.org/protocol/disco#info'/></iq>");
    EXPECT_THAT(hear(ann, "id='d'"), HasSubstr("type='result'"));
    EXPECT_THAT(ann.client().received(), testing::Not(HasSubstr("sto="))) << "no client sees it";
}

TEST_F(Components, OfSlixmppWithAWrongSecretAreTold)
{
    const auto words = slixmpp("another");
    if (words.empty())
        GTEST_SKIP() << "slixmpp is not installed";
    Process component{words};
    EXPECT_TRUE(component.wait_for("error not-authorized"));
    EXPECT_TRUE(wait_for_log("the handshake of a component is wrong"));
}

TEST_F(Components, OfSlixmppMakeRoomForANewerOne)
{
    const auto words = slixmpp();
    if (words.empty())
        GTEST_SKIP() << "slixmpp is not installed";
    Process first{words};
    ASSERT_TRUE(first.wait_for("ready"));
    Process second{words};
    ASSERT_TRUE(second.wait_for("ready"));
    EXPECT_TRUE(first.wait_for("error conflict"));
}

TEST_F(Components, ThatAreKilledReturnWhatIsSentToThem)
{
    const auto words = slixmpp();
    if (words.empty())
        GTEST_SKIP() << "slixmpp is not installed";
    Process component{words};
    ASSERT_TRUE(component.wait_for("ready"));
    User ann{host_.port(), "ann"};
    component.signal(SIGKILL);
    component.wait();
    ASSERT_TRUE(wait_for_log("a component stream is closed"));
    ann.client().send("<message type='chat' id='m' to='echo@rooms.localhost'><body>hello</body></message>");
    EXPECT_THAT(hear(ann, "id='m'"), HasSubstr("type='error'"));
}

TEST_F(Components, StayThroughASwap)
{
    const auto words = slixmpp();
    if (words.empty())
        GTEST_SKIP() << "slixmpp is not installed";
    Process component{words};
    ASSERT_TRUE(component.wait_for("ready"));
    User ann{host_.port(), "ann"};
    for (int i = 0; i < 5; ++i) {
        const std::string file = host_.path("next" + std::to_string(i) + ".so");
        std::filesystem::copy_file(needed_environment("COMPONENT_STREAM"), file);
        const Result swapped = run(host_.ctl({"swap", "components", file}));
        ASSERT_EQ(swapped.status, 0) << swapped.output << log();
        ann.say("echo@rooms.localhost", std::to_string(i));
        EXPECT_EQ(ann.hear(), (User::Message{"echo@rooms.localhost", "you said " + std::to_string(i)}));
    }
    EXPECT_THAT(component.output(), testing::Not(HasSubstr("closed")));
    EXPECT_THAT(run(host_.ctl({"status"})).output, HasSubstr("stream rooms.localhost"));
}

// Debian's jabber-muc.
TEST_F(Components, OfMuConferenceHaveRoomsForClients)
{
    auto words = command("MU_CONFERENCE");
    if (words.empty())
        GTEST_SKIP() << "jabber-muc is not installed";
    std::filesystem::create_directory(host_.path("spool"));
    std::filesystem::create_directory(host_.path("spool/rooms.localhost"));
    std::ofstream{host_.path("muc.xml")}
        << "<jcr><name>rooms.localhost</name><host>rooms.localhost</host><ip>127.0.0.1</ip><port>" << port()
        << "</port><secret>shared</secret><spool>" << host_.path("spool") << "</spool><logdir>" << host_.path("spool")
        << "</logdir><pidfile>" << host_.path("muc.pid")
        << "</pidfile><loglevel>124</loglevel><conference xmlns='jabber:config:conference'><public/>"
           "<vCard><FN>Rooms</FN></vCard><history>40</history><logdir>"
        << host_.path("spool")
        << "</logdir><notice><join>is here</join><leave>has left</leave><rename>is now</rename></notice>"
           "</conference></jcr>";
    words.insert(words.end(), {"-c", host_.path("muc.xml")});
    Process component{words};
    ASSERT_TRUE(wait_for_log("a component stream is open"));
    User ann{host_.port(), "ann"}, bob{host_.port(), "bob"};
    const auto join = [](User &user, const std::string &nick) {
        user.client().send("<presence to='lounge@rooms.localhost/" + nick +
                           "'><x xmlns='http://jabber.org/protocol/muc'/></presence>");
        return hear(user, "lounge@rooms.localhost/" + nick);
    };
    EXPECT_THAT(join(ann, "Ann"), HasSubstr("muc#user"));
    ann.client().send("<iq type='set' id='c' to='lounge@rooms.localhost'><query "
                      "xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'/></query>"
                      "</iq>");
    EXPECT_THAT(hear(ann, "id='c'"), HasSubstr("type='result'"));
    EXPECT_THAT(join(bob, "Bob"), HasSubstr("muc#user"));
    bob.client().send("<message type='groupchat' to='lounge@rooms.localhost'><body>hello all</body></message>");
    EXPECT_THAT(hear(ann, "hello all"), HasSubstr("lounge@rooms.localhost/Bob"));
    EXPECT_THAT(hear(bob, "hello all"), HasSubstr("lounge@rooms.localhost/Bob"));
}

TEST_F(Components, OfBiboumiAnswerClients)
{
    auto words = command("BIBOUMI");
    if (words.empty())
        GTEST_SKIP() << "biboumi is not installed";
    std::ofstream{host_.path("biboumi.cfg")}
        << "hostname=irc.localhost\npassword=shared\nxmpp_server_ip=127.0.0.1\nport=" << port()
        << "\ndb_name=" << host_.path("biboumi.sqlite") << "\nlog_level=1\npolicy_directory=/etc/biboumi\n";
    words.push_back(host_.path("biboumi.cfg"));
    Process component{words};
    ASSERT_TRUE(wait_for_log("a component stream is open"));
    User ann{host_.port(), "ann"};
    ann.client().send("<iq type='get' id='d' to='irc.localhost'><query "
                      "xmlns='http://jabber.org/protocol/disco#info'/></iq>");
    EXPECT_THAT(hear(ann, "id='d'"), HasSubstr("type='result'"));
    // An IRC server that nobody runs: the answer is biboumi's own, from behind our host.
    ann.client().send("<presence to='#channel%127.0.0.1@irc.localhost/ann'><x "
                      "xmlns='http://jabber.org/protocol/muc'/></presence>");
    EXPECT_THAT(hear(ann, "irc.localhost"), HasSubstr("irc.localhost"));
}

} // namespace
} // namespace jabberd::test
