// SPDX-License-Identifier: LGPL-2.1-or-later
#include "component_stream/config/options.h"
#include "routes_host.h"
#include "support/config_from_xml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace jabberd::test {
namespace {

using namespace component_stream;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct Reading {
    explicit Reading(const std::string &endpoints)
    {
        const Config config{"<service id='components'>\n<component-stream xmlns='jabber:config:component-stream'>\n" +
                                endpoints + "\n</component-stream></service>",
                            "jabber.xml"};
        options = read_options(*host.host(), config.root());
        reports = host.reports();
    }

    RoutesHost host;
    std::optional<Options> options;
    std::vector<std::string> reports;
};

const std::string usual = "<ip>127.0.0.1</ip><port>5347</port><secret>s</secret><host>rooms.foo.com</host>";

TEST(ComponentStreamOptions, AreThoseOfXep0114UnlessTheySayOtherwise)
{
    const Reading reading{"<accept>" + usual + "<host>irc.foo.com</host></accept>"};
    EXPECT_THAT(reading.reports, IsEmpty());
    ASSERT_TRUE(reading.options);
    const EndpointOptions &options = *reading.options->endpoints.at(0);
    EXPECT_EQ(options.key(), "accept 127.0.0.1:5347");
    EXPECT_THAT(options.hosts, ElementsAre("rooms.foo.com", "irc.foo.com"));
    EXPECT_EQ(options.dialect, Dialect::Component);
    EXPECT_FALSE(options.sessions);
    EXPECT_FALSE(options.trusted);
    EXPECT_FALSE(options.all_names);
}

TEST(ComponentStreamOptions, OfAJabberdAreOfSessions)
{
    const Reading reading{"<connect>" + usual + "<dialect>route</dialect></connect>"};
    ASSERT_TRUE(reading.options);
    const EndpointOptions &options = *reading.options->endpoints.at(0);
    EXPECT_TRUE(options.sessions);
    EXPECT_TRUE(options.all_names);
    EXPECT_EQ(options.greeting, "components") << "a jabberd says its own service's id";
}

TEST(ComponentStreamOptions, OfAConnectSayWhoWeAreThere)
{
    const auto connect = [](const std::string &more) {
        const Reading reading{"<connect>" + usual + more + "</connect>"};
        return *reading.options.value().endpoints.at(0);
    };
    const EndpointOptions two = connect("<to>foo.com</to><to>irc.foo.com</to>");
    EXPECT_EQ(two.greeting, "foo.com");
    EXPECT_THAT(two.senders, ElementsAre("foo.com", "irc.foo.com"));
    EXPECT_THAT(connect("").senders, IsEmpty()) << "the peer has to know";
    EXPECT_THAT(connect("<to>c2s</to><dialect>route</dialect>").senders, IsEmpty()) << "what crosses is of sessions";
}

TEST(ComponentStreamOptions, AreReportedWithTheirLine)
{
    const auto reports = [](const std::string &endpoints) { return Reading{endpoints}.reports; };
    EXPECT_THAT(reports(""), testing::Contains(HasSubstr("error in line 2: needs an <accept> or a <connect>")));
    EXPECT_THAT(reports("<accept/>"),
                ElementsAre(HasSubstr("line 3: <accept> needs a <port>"), HasSubstr("needs an <ip>"),
                            HasSubstr("needs a <secret>"), HasSubstr("needs <host>")));
    EXPECT_THAT(reports("<accept>" + usual + "\n<dialect>jabber</dialect></accept>"),
                ElementsAre(HasSubstr("line 4: <dialect> must be")));
    EXPECT_THAT(reports("<accept>" + usual + "<trusted>maybe</trusted></accept>"),
                ElementsAre(HasSubstr("'yes' or 'no'")));
    EXPECT_THAT(reports("<accept>" + usual + "<host>a b</host></accept>"),
                ElementsAre(HasSubstr("it must be a host name")));
    EXPECT_THAT(reports("<accept>" + usual + "<dialect>session</dialect><sessions>no</sessions></accept>"),
                ElementsAre(HasSubstr("<dialect> is one of sessions, and <sessions> says no")));
    EXPECT_THAT(
        reports("<accept>" + usual + "</accept>\n<connect>" + usual + "</connect>"),
        ElementsAre(HasSubstr("line 4: <host> rooms.foo.com is that of line 3 already"), HasSubstr("needs <host>")));
    EXPECT_THAT(reports("<accept><ip>example.org</ip><port>1</port><secret>s</secret><host>a.b</host></accept>"),
                ElementsAre(HasSubstr("no name is looked up")));
    EXPECT_THAT(reports("<accept>" + usual + "<to>foo.com</to></accept>"),
                ElementsAre(HasSubstr("<to> is of a <connect>")));
    EXPECT_THAT(reports("<connect>" + usual + "<to/></connect>"), ElementsAre(HasSubstr("<to> is empty")));
    EXPECT_THAT(reports("<accept>" + usual + "<hosts/></accept>"),
                ElementsAre(testing::AllOf(HasSubstr("warning in line 3"), HasSubstr("hosts"))));
}

TEST(ComponentStreamOptions, OfTlsAreReportedWithTheirLine)
{
    const auto accepts = [](const std::string &tls) { return Reading{"<accept>" + usual + "\n" + tls + "</accept>"}; };
    const auto connect = [](const std::string &tls) {
        return Reading{"<connect>" + usual + "\n" + tls + "</connect>"};
    };
    EXPECT_THAT(accepts("<tls/>").reports, ElementsAre(HasSubstr("line 4: <tls> of an <accept> needs <certificate")));
    EXPECT_THAT(accepts("<tls><certificate/></tls>").reports, ElementsAre(HasSubstr("needs file=")));
    EXPECT_THAT(accepts("<tls><certificate file='nowhere.pem'/></tls>").reports,
                ElementsAre(HasSubstr("line 4: cannot use nowhere.pem as a certificate")));
    EXPECT_THAT(connect("<tls/>").reports, ElementsAre(HasSubstr("line 4: <tls> of a <connect> needs name=")));
    EXPECT_THAT(connect("<tls name='a b'/>").reports, ElementsAre(HasSubstr("must be a host name")));
    EXPECT_THAT(connect("<tls name='a.b'><authority file='nowhere.pem'/></tls>").reports,
                ElementsAre(HasSubstr("cannot use nowhere.pem as the authority")));
    EXPECT_TRUE(connect("<tls name='a.b'/>").options.value().endpoints.at(0)->tls != nullptr);
    EXPECT_TRUE(connect("").options.value().endpoints.at(0)->tls == nullptr);
}

TEST(ComponentStreamOptions, DoNotShowASecret)
{
    for (const std::string &report :
         Reading{"<accept><ip>x</ip><port>y</port><secret>hush</secret><host>a.b</host></accept>"}.reports)
        EXPECT_THAT(report, testing::Not(HasSubstr("hush")));
}

} // namespace
} // namespace jabberd::test
