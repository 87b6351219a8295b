// SPDX-License-Identifier: LGPL-2.1-or-later
#include "elements/path.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

namespace jabberd::elements {
namespace {

using testing::HasSubstr;

class Path : public testing::Test {
protected:
    Path()
    {
        element_.size = sizeof element_;
        element_.file = "/etc/jabberd/jabber.xml";
        setenv("CREDENTIALS_DIRECTORY", "/run/credentials/jabberd-host.service", 1);
    }
    ~Path() override { unsetenv("CREDENTIALS_DIRECTORY"); }

    std::string of(const char *text)
    {
        why_.clear();
        return path_in(element_, text, why_).value_or("none");
    }

    jabberd_config element_{};
    std::string why_;
};

TEST_F(Path, IsBesideTheConfigurationOrAbsolute)
{
    EXPECT_EQ(of("foo.pem"), "/etc/jabberd/foo.pem");
    EXPECT_EQ(of("/srv/foo.pem"), "/srv/foo.pem");
    EXPECT_EQ(of(""), "/etc/jabberd");
    element_.file = "jabber.xml";
    EXPECT_EQ(of("foo.pem"), "foo.pem");
}

TEST_F(Path, IsThatOfACredential)
{
    EXPECT_EQ(of("credential:foo.com.key"), "/run/credentials/jabberd-host.service/foo.com.key");
    for (const char *none : {"credential:", "credential:..", "credential:../../etc/shadow", "credential:a/b"}) {
        EXPECT_EQ(of(none), "none");
        EXPECT_THAT(why_, HasSubstr("names no credential"));
    }
}

TEST_F(Path, IsNoneWhereNoCredentialsWereGiven)
{
    unsetenv("CREDENTIALS_DIRECTORY");
    EXPECT_EQ(of("credential:key"), "none");
    EXPECT_THAT(why_, HasSubstr("LoadCredential=key:/path"));
    setenv("CREDENTIALS_DIRECTORY", "", 1);
    EXPECT_EQ(of("credential:key"), "none");
}

} // namespace
} // namespace jabberd::elements
