// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/config/tree.h"

#include "support/temp_dir.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace jabberd::host {
namespace {

using testing::HasSubstr;

class ConfigTreeFile : public testing::Test {
protected:
    const jabberd_config &read(std::string_view content)
    {
        tree_ = read_tree(dir_.write("jabber.xml", content), mistakes_);
        static const jabberd_config nothing{};
        return tree_ ? *tree_->root() : nothing;
    }

    // "name[child,child]" of the tree below, which shows its shape.
    static std::string shape(const jabberd_config &element)
    {
        std::string out = element.name;
        for (const jabberd_config *child = element.first_child; child != nullptr; child = child->next)
            out += (child == element.first_child ? "[" : ",") + shape(*child);
        return element.first_child == nullptr ? out : out + "]";
    }

    test::TempDir dir_;
    Mistakes mistakes_;
    std::unique_ptr<ConfigTree> tree_;
};

TEST_F(ConfigTreeFile, KeepsNamesNamespacesAttributesTextAndLines)
{
    const jabberd_config &root = read("<jabber>\n  <a k='v &amp; w' l=''>  some <b xmlns='x:y'/> text </a></jabber>");
    const jabberd_config *a = jabberd_config_child(&root, "a");
    ASSERT_NE(a, nullptr);
    EXPECT_EQ(a->line, 2u);
    EXPECT_EQ(a->file, dir_.path("jabber.xml"));
    EXPECT_STREQ(a->text, "some  text");
    EXPECT_STREQ(jabberd_config_attribute_value(a, "k"), "v & w");
    EXPECT_STREQ(jabberd_config_attribute_value(a, "l"), "");
    EXPECT_EQ(jabberd_config_attribute_value(a, "m"), nullptr);
    ASSERT_NE(jabberd_config_section(a, "x:y"), nullptr);
    EXPECT_STREQ(jabberd_config_section(a, "x:y")->name, "b");
}

TEST_F(ConfigTreeFile, PutsAnIncludedRootInPlace)
{
    std::filesystem::create_directory(dir_.path("d"));
    dir_.write("d/one.xml", "<service>\n<include>two.xml</include></service>");
    dir_.write("d/two.xml", "<load/>");
    const jabberd_config &root = read("<jabber><a/><include>d/one.xml</include><z/></jabber>");
    EXPECT_EQ(shape(root), "jabber[a,service[load],z]");
    EXPECT_EQ(jabberd_config_child(&root, "service")->first_child->file, dir_.path("d/two.xml"));
    EXPECT_TRUE(mistakes_.all().empty());
}

TEST_F(ConfigTreeFile, PutsTheChildrenInPlaceWhereTheRootHasTheNameOfTheParent)
{
    dir_.write("more.xml", "<jabber><b/><c/></jabber>");
    EXPECT_EQ(shape(read("<jabber><a/><jabberd:include>more.xml</jabberd:include><d/></jabber>")), "jabber[a,b,c,d]");
}

TEST_F(ConfigTreeFile, KnowsTheDirectivesOf16ByTheirNamespace)
{
    dir_.write("more.xml", "<jabber xmlns='http://jabberd.org/ns/configfile'><b/><c/></jabber>");
    dir_.write("port.xml", "<listen port='1'/>");
    const jabberd_config &root = read(
        "<jabber xmlns='http://jabberd.org/ns/configfile' xmlns:jabberd='http://jabberd.org/ns/configfile/replace'>"
        "<host> <jabberd:cmdline flag='h'>foo.com</jabberd:cmdline> </host><jabberd:include>more.xml</jabberd:include>"
        "<s xmlns='x:y'><ip><r:cmdline xmlns:r='http://jabberd.org/ns/configfile/replace' flag='i'>::1</r:cmdline>"
        "</ip><jabberd:include>port.xml</jabberd:include></s></jabber>");
    EXPECT_EQ(shape(root), "jabber[host,b,c,s[ip,listen]]");
    EXPECT_STREQ(root.first_child->text, "foo.com");
    EXPECT_STREQ(jabberd_config_child(jabberd_config_child(&root, "s"), "ip")->text, "::1");
    EXPECT_TRUE(mistakes_.all().empty());
}

TEST_F(ConfigTreeFile, KeepsThePrefixOfAnAttributeThatIsInANamespace)
{
    const jabberd_config &root = read("<jabber xml:lang='en' x:port='1' port='2' xmlns:x='urn:x'/>");
    EXPECT_STREQ(jabberd_config_attribute_value(&root, "port"), "2");
    EXPECT_STREQ(jabberd_config_attribute_value(&root, "x:port"), "1");
    EXPECT_STREQ(jabberd_config_attribute_value(&root, "xml:lang"), "en");
    EXPECT_EQ(jabberd_config_attribute_value(&root, "lang"), nullptr);
}

TEST_F(ConfigTreeFile, LeavesTheIncludesOfAComponentsSectionAlone)
{
    EXPECT_EQ(shape(read("<jabber><s xmlns='x:y'><include>missing.xml</include></s></jabber>")), "jabber[s[include]]");
    EXPECT_TRUE(mistakes_.all().empty());
}

TEST_F(ConfigTreeFile, ReportsAnIncludeThatGoesInACircle)
{
    dir_.write("one.xml", "<jabber>\n<include>jabber.xml</include></jabber>");
    read("<jabber><include>one.xml</include></jabber>");
    ASSERT_EQ(mistakes_.all().size(), 1u);
    EXPECT_THAT(to_text(mistakes_.all()[0]), HasSubstr("one.xml:2: this <include> leads back to "));
}

TEST_F(ConfigTreeFile, ReportsAMissingIncludeAtBothPlaces)
{
    read("<jabber>\n<include>none.xml</include></jabber>");
    ASSERT_EQ(mistakes_.all().size(), 2u);
    EXPECT_THAT(to_text(mistakes_.all()[0]), HasSubstr("No such file"));
    EXPECT_THAT(to_text(mistakes_.all()[1]), HasSubstr("jabber.xml:2: "));
}

TEST_F(ConfigTreeFile, ReportsIncludesThatAreTooDeep)
{
    for (int i = 0; i < 20; ++i)
        dir_.write(std::to_string(i) + ".xml", "<a><include>" + std::to_string(i + 1) + ".xml</include></a>");
    read("<jabber><include>0.xml</include></jabber>");
    ASSERT_EQ(mistakes_.all().size(), 1u);
    EXPECT_THAT(mistakes_.all()[0].message, HasSubstr("an <include> inside 16 others"));
}

TEST_F(ConfigTreeFile, ReadsJabberdsCommandLineDefaultsAsText)
{
    const jabberd_config &root =
        read("<jabber><host><jabberd:cmdline flag='h'>localhost</jabberd:cmdline></host></jabber>");
    EXPECT_EQ(shape(root), "jabber[host]");
    EXPECT_STREQ(root.first_child->text, "localhost");
    EXPECT_TRUE(mistakes_.all().empty());
}

TEST_F(ConfigTreeFile, ComparesWhatIsSaidNotWhereItStands)
{
    const auto other = read_tree(dir_.write("other.xml", "<jabber>\n\n<a  k='v'>t</a></jabber>"), mistakes_);
    EXPECT_TRUE(same_configuration(read("<jabber><a k='v'>t</a></jabber>"), *other->root()));
    EXPECT_FALSE(same_configuration(read("<jabber><a k='w'>t</a></jabber>"), *other->root()));
    EXPECT_FALSE(same_configuration(read("<jabber><a k='v'>u</a></jabber>"), *other->root()));
    EXPECT_FALSE(same_configuration(read("<jabber><a k='v'>t</a><b/></jabber>"), *other->root()));
    EXPECT_FALSE(same_configuration(read("<jabber/>"), *other->root()));
}

} // namespace
} // namespace jabberd::host
