// SPDX-License-Identifier: LGPL-2.1-or-later
// What jabberd 1.4.4 and 1.6 make of the same files.
#include "classic/configuration_file.h"

#include "support/temp_dir.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace jabberd::test {
namespace {

using testing::HasSubstr;
using testing::Not;

class ConfigurationFile : public testing::Test {
protected:
    // The service "c2s" of a configuration, as one line: text, and names with the lines and files they are from.
    std::string service(std::string_view content, std::vector<std::string> words = {})
    {
        words.insert(words.end(), {"-c", dir.write("jabber.xml", content)});
        const classic::CommandLine command_line{words};
        classic::ConfigurationFile file{command_line, mistakes};
        const xmlNode *found = file.child("service", "c2s", mistakes);
        return found == nullptr ? "none" : shape(*found, file.path());
    }

    std::string included(const std::string &name)
    {
        return "<jabberd:include>" + dir.path(name) + "</jabberd:include>";
    }

    std::string only_mistake() const { return mistakes.all().empty() ? "none" : to_text(mistakes.all().back()); }

    static std::string shape(const xmlNode &element, const std::string &main)
    {
        const std::filesystem::path file = classic::ConfigurationFile::file_of(element, main);
        std::string out = std::string{reinterpret_cast<const char *>(element.name)} + '@' + file.stem().string() +
                          std::to_string(xmlGetLineNo(&element)) + '[';
        for (const xmlNode *child = element.children; child != nullptr; child = child->next) {
            const char *text = reinterpret_cast<const char *>(child->content);
            out += child->type == XML_ELEMENT_NODE ? shape(*child, main) : text == nullptr ? "" : text;
        }
        return out + ']';
    }

    TempDir dir;
    host::Mistakes mistakes;
};

TEST_F(ConfigurationFile, PutsWhatIsIncludedAtTheEndOfWhereItIsIncluded)
{
    dir.write("more.xml", "\n<b/>");
    EXPECT_EQ(service("<jabber><service id='c2s'><s>" + included("more.xml") + "<a/></s></service></jabber>"),
              "service@jabber1[s@jabber1[a@jabber1[]b@more2[]]]");
    dir.write("same.xml", "<s>\n<c/>\n<d/></s>");
    EXPECT_EQ(service("<jabber><service id='c2s'><s>" + included("same.xml") + "<a/></s></service></jabber>"),
              "service@jabber1[s@jabber1[a@jabber1[]\nc@same2[]\nd@same3[]]]");
    EXPECT_EQ(only_mistake(), "none");
}

TEST_F(ConfigurationFile, FindsAServiceInAFileOfItsOwn)
{
    dir.write("c2s.xml", "<service id='c2s'>" + included("more.xml") + "</service>");
    dir.write("more.xml", "<b/>");
    EXPECT_EQ(service("<jabber>" + included("c2s.xml") + "</jabber>"), "service@c2s1[b@more1[]]");
    dir.write("all.xml", "<jabber>" + included("c2s.xml") + "</jabber>");
    EXPECT_EQ(service("<jabber>" + included("all.xml") + "</jabber>"), "service@c2s1[b@more1[]]");
    EXPECT_EQ(only_mistake(), "none");
}

TEST_F(ConfigurationFile, PutsInWhatTheCommandLineSays)
{
    const std::string content = "<jabber><service id='c2s'><host><jabberd:cmdline flag='h'>localhost</jabberd:cmdline>"
                                "</host></service></jabber>";
    EXPECT_EQ(service(content), "service@jabber1[host@jabber1[localhost]]");
    EXPECT_EQ(service(content, {"-h", "foo.com & <bar>"}), "service@jabber1[host@jabber1[foo.com & <bar>]]");
}

TEST_F(ConfigurationFile, KnowsTheNamespaceOf16)
{
    dir.write("more.xml", "<s xmlns='urn:other'><b/></s>");
    EXPECT_EQ(service("<jabber xmlns='http://jabberd.org/ns/configfile' "
                      "xmlns:jabberd='http://jabberd.org/ns/configfile/replace'><service id='c2s'><s>"
                      "<jabberd:cmdline flag='h'>x</jabberd:cmdline>" +
                          included("more.xml") + "<include>its own</include></s></service></jabber>",
                      {"-h", "foo.com"}),
              "service@jabber1[s@jabber1[foo.cominclude@jabber1[its own]s@more1[b@more1[]]]]");
}

// 1.4 reads text: an element without a namespace is in the one around it.
TEST_F(ConfigurationFile, WhatIsIncludedIsInTheNamespaceAroundIt)
{
    dir.write("more.xml", "<b><c/></b>");
    const std::string path = dir.write("jabber.xml", "<jabber><service id='c2s'><s xmlns='urn:s'>" +
                                                         included("more.xml") + "</s></service></jabber>");
    const classic::CommandLine command_line{{"-c", path}};
    classic::ConfigurationFile file{command_line, mistakes};
    const xmlNode *section = xmlFirstElementChild(file.child("service", "c2s", mistakes));
    const xmlNode *c = xmlFirstElementChild(xmlFirstElementChild(const_cast<xmlNode *>(section)));
    ASSERT_NE(c->ns, nullptr);
    EXPECT_STREQ(reinterpret_cast<const char *>(c->ns->href), "urn:s");
}

TEST_F(ConfigurationFile, NamesTheFileAndLineOfAMistake)
{
    dir.write("c2s.xml", "<service id='c2s'>\n" + included("missing.xml") + "</service>");
    service("<jabber>" + included("c2s.xml") + "</jabber>");
    EXPECT_EQ(only_mistake(),
              dir.path("c2s.xml") + ":2: " + dir.path("missing.xml") + ", which is included here, cannot be used");
    EXPECT_TRUE(mistakes.fatal());
}

TEST_F(ConfigurationFile, AnIncludeNamesAFile)
{
    service("<jabber>\n<service id='c2s'><jabberd:include/></service></jabber>");
    EXPECT_THAT(only_mistake(), HasSubstr("2: this <include> names "));
}

TEST_F(ConfigurationFile, DoesNotGoInCircles)
{
    dir.write("one.xml", "<one>" + included("two.xml") + included("two.xml") + "</one>");
    dir.write("two.xml", "<two>\n" + included("one.xml") + "</two>");
    service("<jabber><service id='c2s'>" + included("one.xml") + "</service></jabber>");
    EXPECT_THAT(only_mistake(), HasSubstr("two.xml:2: this <include> leads back to " + dir.path("one.xml")));
    dir.write("self.xml", "<service>" + included("self.xml") + "</service>");
    service("<jabber><service id='c2s'>" + included("self.xml") + "</service></jabber>");
    EXPECT_THAT(only_mistake(), HasSubstr("self.xml:1: this <include> leads back to "));
}

TEST_F(ConfigurationFile, GoesAsDeepAsTheHost)
{
    const auto chain = [&](int length) {
        for (int i = 1; i < length; ++i)
            dir.write(std::to_string(i), "<a>" + included(std::to_string(i + 1)) + "</a>");
        dir.write(std::to_string(length), "<b/>");
        return service("<jabber><service id='c2s'>" + included("1") + "</service></jabber>");
    };
    EXPECT_THAT(chain(20), HasSubstr("b@201[]"));
    EXPECT_EQ(only_mistake(), "none");
    EXPECT_THAT(chain(21), Not(HasSubstr("b@")));
    EXPECT_THAT(only_mistake(), HasSubstr("20:1: an <include> inside 20 others"));
}

TEST_F(ConfigurationFile, DoesNotLookIntoOtherServices)
{
    EXPECT_EQ(
        service("<jabber><service id='other'>" + included("missing.xml") + "</service><service id='c2s'/></jabber>"),
        "service@jabber1[]");
    EXPECT_EQ(only_mistake(), "none");
}

} // namespace
} // namespace jabberd::test
