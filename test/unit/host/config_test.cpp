// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/config/configuration.h"

#include "host/config/service_reader.h"
#include "support/temp_dir.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>

namespace jabberd::host {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

class ConfigurationFile : public testing::Test {
protected:
    Configuration read(std::string_view content)
    {
        return read_configuration(dir_.write("jabber.xml", content), mistakes_);
    }

    // "line: message" of every mistake in jabber.xml, or with the name of the other file.
    std::vector<std::string> mistakes() const
    {
        std::vector<std::string> out;
        for (const Mistake &mistake : mistakes_.all()) {
            const std::string file = std::filesystem::path{mistake.file}.filename();
            out.push_back((file == "jabber.xml" ? "" : file + ":") + std::to_string(mistake.line) + ": " +
                          mistake.message);
        }
        return out;
    }

    test::TempDir dir_;
    Mistakes mistakes_;
};

TEST_F(ConfigurationFile, NamesServicesAndTheirComponents)
{
    const Configuration configuration =
        read("<jabber>\n"
             "<service "
             "id='c2s'><host>c2s.foo.com</host><host>a.foo.com</host><load><socket_manager>./sm.so</socket_manager></"
             "load></service>\n"
             "<service id='sessions'><host/><load main='b'><b>/x/b.so</b></load></service>\n"
             "<service id='foo.com'><load><hello>hello.so</hello></load></service>\n"
             "</jabber>");
    EXPECT_THAT(mistakes(), IsEmpty());
    ASSERT_EQ(configuration.services.size(), 3u);
    const auto &[c2s, sessions, foo] =
        std::tie(configuration.services[0], configuration.services[1], configuration.services[2]);
    EXPECT_THAT(c2s.names, ElementsAre("c2s.foo.com", "a.foo.com"));
    EXPECT_EQ(c2s.component, "socket_manager");
    EXPECT_THAT(c2s.files, ElementsAre(dir_.path("sm.so"), std::filesystem::path{JABBERD_COMPONENT_DIR} / "sm.so"));
    EXPECT_THAT(sessions.names, ElementsAre(""));
    EXPECT_EQ(sessions.component, "b");
    EXPECT_THAT(sessions.files, ElementsAre("/x/b.so"));
    EXPECT_THAT(foo.names, ElementsAre("foo.com"));
}

TEST_F(ConfigurationFile, KnowsTheOldNameOfTheSocketManager)
{
    const Configuration configuration =
        read("<jabber><service id='c2s'><load><pthsock_client>./sm.so</pthsock_client></load></service></jabber>");
    EXPECT_EQ(configuration.services.at(0).component, "socket_manager");
}

TEST_F(ConfigurationFile, ListsEveryMistakeWithItsLine)
{
    read("<jabber>\n"
         "<service><load><a>a.so</a></load></service>\n"
         "<service id='b'/>\n"
         "<service id='c'>\n<load/></service>\n"
         "<service id='d'><load>\n<a>a.so</a>\n<b>b.so</b></load></service>\n"
         "<service id='e'><load main='x'><a>a.so</a></load></service>\n"
         "<drain>soon</drain>\n"
         "<log level='loud'/>\n"
         "</jabber>");
    EXPECT_THAT(mistakes(),
                ElementsAre(StartsWith("2: a <service> without an id; "), StartsWith("3: service 'b' has no <load>; "),
                            StartsWith("5: <load> is empty; "), StartsWith("8: <load> has several children; "),
                            StartsWith("9: <load main='x'> has no child <x>; "),
                            StartsWith("10: <drain>soon</drain> is not a time; "),
                            StartsWith("11: level='loud' is not a log level; ")));
    EXPECT_TRUE(mistakes_.fatal());
}

TEST_F(ConfigurationFile, RefusesTwoServicesOfOneName)
{
    read("<jabber>\n"
         "<service id='a'><host>Foo.com</host><load><a>a.so</a></load></service>\n"
         "<service id='a'><host>x</host><load><a>a.so</a></load></service>\n"
         "<service id='b'><host>foo.COM</host><load><a>a.so</a></load></service>\n"
         "<service id='c'><host/><load><a>a.so</a></load></service>\n"
         "<service id='d'><host/><load><a>a.so</a></load></service>\n"
         "</jabber>");
    EXPECT_THAT(mistakes(), ElementsAre(StartsWith("3: a second service with the id 'a'"),
                                        HasSubstr("answers for the host name 'foo.COM' already"),
                                        HasSubstr("has an empty <host/> already")));
}

TEST_F(ConfigurationFile, RefusesTwoSpellingsOfOneName)
{
    read("<jabber>\n"
         "<service id='a'><host>bücher.example</host><load><a>a.so</a></load></service>\n"
         "<service id='b'><host>xn--bcher-kva.example</host><load><a>a.so</a></load></service>\n"
         "</jabber>");
    EXPECT_THAT(mistakes(), ElementsAre(HasSubstr("answers for the host name 'xn--bcher-kva.example' already")));
}

TEST_F(ConfigurationFile, RefusesANameThatNoHostCanHave)
{
    read("<jabber><service id='a b'><load><a>a.so</a></load>\n"
         "<host>localhost:5222</host>\n"
         "<host>a b</host>\n"
         "<host>foo.com/r</host>\n"
         "<host>foo..com</host>\n"
         "<host>Bücher.example.</host>\n"
         "<host>c2s</host>\n"
         "</service></jabber>");
    EXPECT_THAT(mistakes(), ElementsAre(StartsWith("2: <host> is 'localhost:5222'; it must be a host name"),
                                        StartsWith("3: <host> is 'a b'; "), StartsWith("4: <host> is 'foo.com/r'; "),
                                        StartsWith("5: <host> is 'foo..com'; ")));
}

TEST_F(ConfigurationFile, IgnoresWhatOnlyJabberdHasButSaysSo)
{
    const Configuration configuration = read("<jabber>\n"
                                             "<base/><io/><pidfile>x</pidfile><xdb id='xdb'/>\n"
                                             "<log id='elogger'/>\n"
                                             "<service id='s2s'><accept><port>1</port></accept></service>\n"
                                             "<service id='h'><uri/><load><hello>h.so</hello></load></service>\n"
                                             "</jabber>");
    EXPECT_FALSE(mistakes_.fatal());
    EXPECT_EQ(mistakes_.all().size(), 7u);
    EXPECT_THAT(mistakes(), testing::Each(testing::EndsWith(", ignoring")));
    EXPECT_EQ(configuration.services.size(), 1u);
}

TEST_F(ConfigurationFile, WarnsAboutASectionThatNobodyReads)
{
    const Configuration configuration = read("<jabber><service id='h'>\n<load><hello>h.so</hello></load>\n<a "
                                             "xmlns='known'/>\n<b xmlns='unknown'/></service></jabber>");
    const char *const known[] = {"known", nullptr};
    warn_about_unread_sections(configuration.services.at(0), known, mistakes_);
    EXPECT_THAT(mistakes(),
                ElementsAre("4: component hello does not read sections in the namespace 'unknown', ignoring"));
}

TEST_F(ConfigurationFile, ReadsTheHostsOwnSettings)
{
    const Configuration configuration = read(
        "<jabber><control>run/c.sock</control><drain>7</drain><log level='debug'/>\n<user>jabberd:ssl</user><service "
        "id='h'><load><hello>h.so</hello></load></service></jabber>");
    EXPECT_EQ(configuration.settings.control, dir_.path("run/c.sock"));
    EXPECT_EQ(configuration.settings.drain, std::chrono::seconds{7});
    ASSERT_TRUE(configuration.settings.user);
    EXPECT_EQ(configuration.settings.user->name, "jabberd:ssl");
    EXPECT_EQ(configuration.settings.user->line, 2u);
    EXPECT_EQ(configuration.settings.log_level, JABBERD_LOG_DEBUG);
    EXPECT_FALSE(configuration.settings.log_file);
    EXPECT_EQ(configuration.settings.log_format, log::Format::Text);
    EXPECT_FALSE(configuration.settings.privacy);
}

TEST_F(ConfigurationFile, ReadsWhereTheLogIsAndHowItLooks)
{
    const Configuration configuration =
        read("<jabber>\n<log file='log/jabberd.log' format='json'/><privacy>yes</privacy><service "
             "id='h'><load><hello>h.so</hello></load></service></jabber>");
    EXPECT_THAT(mistakes(), testing::IsEmpty());
    ASSERT_TRUE(configuration.settings.log_file);
    EXPECT_EQ(configuration.settings.log_file->path, dir_.path("log/jabberd.log"));
    EXPECT_EQ(configuration.settings.log_file->line, 2u);
    EXPECT_EQ(configuration.settings.log_format, log::Format::Json);
    EXPECT_TRUE(configuration.settings.privacy);
}

TEST_F(ConfigurationFile, RefusesALogThatCannotBeMeant)
{
    read("<jabber>\n<log file=''/>\n<log format='xml'/>\n<privacy>maybe</privacy>\n<service "
         "id='h'><load><hello>h.so</hello></load></service></jabber>");
    EXPECT_THAT(mistakes(), ElementsAre(StartsWith("2: file='' of <log> is no file; "),
                                        StartsWith("2: <log> is there again in line 3"),
                                        StartsWith("3: format='xml' of <log> is neither text nor json"),
                                        StartsWith("4: <privacy>maybe</privacy> is neither yes nor no; ")));
    EXPECT_TRUE(mistakes_.fatal());
}

// A jabberd's configuration may have log services beside it.
TEST_F(ConfigurationFile, HasOneLogAndTheLastOneHolds)
{
    const Configuration configuration = read("<jabber>\n<log level='debug' format='json'/>\n<log id='elogger'/>\n"
                                             "<log file='b.log'/>\n<service "
                                             "id='h'><load><hello>h.so</hello></load></service></jabber>");
    EXPECT_THAT(mistakes(), ElementsAre("2: <log> is there again in line 4, which is the one that holds",
                                        StartsWith("3: <log> without level='…'")));
    EXPECT_FALSE(configuration.settings.log_level);
    EXPECT_EQ(configuration.settings.log_format, log::Format::Text);
    EXPECT_EQ(configuration.settings.log_file->path, dir_.path("b.log"));
}

TEST_F(ConfigurationFile, TellsWhatHasNoReader)
{
    const Configuration configuration = read("<jabber version='2'>words\n"
                                             "<service id='h' name='x'>\n<hosst>a.com</hosst>\n"
                                             "<host type='a'>b.com</host>\n"
                                             "<load what='x'><hello path='y'>h.so</hello></load></service>\n"
                                             "<drian>5</drian>\n<drain>5</drain>\n<drain unit='s'>6</drain>\n"
                                             "<log level='info' id='x'>file</log>\n"
                                             "<x:control xmlns:x='urn:x'>c</x:control>\n"
                                             "<service x:id='i' xml:lang='en' id='j' xmlns:x='urn:x'>"
                                             "<load><hello>h.so</hello></load></service></jabber>");
    EXPECT_FALSE(mistakes_.fatal());
    EXPECT_THAT(mistakes(), testing::Each(testing::EndsWith(", ignoring")));
    EXPECT_THAT(mistakes(), ElementsAre(StartsWith("1: unknown attribute version='2' of <jabber/>; it takes none"),
                                        StartsWith("1: the text 'words' in <jabber/> has no meaning"),
                                        StartsWith("2: unknown attribute name='x' of <service/>; it takes id"),
                                        StartsWith("3: unknown option <hosst/> in <service/>; did you mean <host/>?"),
                                        StartsWith("4: unknown attribute type='a' of <host/>"),
                                        StartsWith("5: unknown attribute what='x' of <load/>; it takes main"),
                                        StartsWith("5: unknown attribute path='y' of <hello/>"),
                                        StartsWith("6: unknown option <drian/> in <jabber/>; did you mean <drain/>?"),
                                        StartsWith("7: <drain/> is there again in line 8"),
                                        StartsWith("8: unknown attribute unit='s' of <drain/>"),
                                        StartsWith("9: unknown attribute id='x' of <log/>; it takes level"),
                                        StartsWith("9: the text 'file' in <log/> has no meaning"),
                                        StartsWith("10: <control/> in <jabber/> is in the namespace 'urn:x'"),
                                        StartsWith("11: unknown attribute x:id='i' of <service/>")));
    EXPECT_FALSE(configuration.settings.control);
    EXPECT_THAT(configuration.services.at(0).names, ElementsAre("b.com"));
}

TEST_F(ConfigurationFile, TellsOfComponentsThatMainLeavesOut)
{
    read("<jabber><service id='h'><load main='b'>\n<a>a.so</a>\n<b>b.so</b></load></service></jabber>");
    EXPECT_THAT(mistakes(), ElementsAre(StartsWith("2: <a> is not loaded")));
}

TEST_F(ConfigurationFile, SaysWhereXmlIsBroken)
{
    read("<jabber>\n<service>\n</jabber>");
    EXPECT_THAT(mistakes(), ElementsAre(StartsWith("3: ")));
}

TEST_F(ConfigurationFile, RefusesADoctype)
{
    read("<?xml version='1.0'?>\n<!DOCTYPE jabber [<!ENTITY a 'b'>]>\n<jabber>&a;</jabber>");
    EXPECT_THAT(mistakes(), ElementsAre(StartsWith("2: a DOCTYPE is not allowed")));
}

TEST_F(ConfigurationFile, RefusesAnEmptyFileAMissingOneAndAnotherRoot)
{
    read("");
    read("<config/>");
    read_configuration(dir_.path("missing.xml"), mistakes_);
    EXPECT_THAT(mistakes(), ElementsAre(StartsWith("0: the file is empty"),
                                        StartsWith("1: the root element is <config>"), StartsWith("missing.xml:0: ")));
}

TEST_F(ConfigurationFile, IsARegularFileAndSoIsWhatItIncludes)
{
    const std::string fifo = dir_.path("fifo.xml");
    ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
    read_configuration(fifo, mistakes_);
    read("<jabber><include>fifo.xml</include></jabber>");
    EXPECT_THAT(mistakes(), Contains(HasSubstr("it is a FIFO; a regular file is needed")).Times(2));
}

TEST_F(ConfigurationFile, RefusesAConfigurationWithoutServices)
{
    read("<jabber>\n</jabber>");
    EXPECT_THAT(mistakes(), ElementsAre(StartsWith("1: there is no <service>")));
}

} // namespace
} // namespace jabberd::host
