// SPDX-License-Identifier: LGPL-2.1-or-later
// Links under TLS: who signs himself is his own authority.
#include "member.h"

#include "support/temp_dir.h"
#include "tls/self_signed.h"

#include <gmock/gmock.h>

namespace {

using namespace jabberd::link::test;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class LinksWithTls : public testing::Test {
protected:
    LinksWithTls()
    {
        for (const char *name : {"cluster.pem", "stranger.pem"})
            jabberd::tls::make_self_signed(directory.path(name), "cluster");
    }

    std::string section(int own, const std::string &certificate, const std::string &authority = "cluster.pem") const
    {
        const char *names[] = {"front", "back"};
        return std::string{"<name>"} + names[own] + "</name><tcp><listen port='" + std::to_string(ports[own]) +
               "'>127.0.0.1</listen><secret>a secret of the cluster</secret><peer name='" + names[1 - own] +
               "' port='" + std::to_string(ports[1 - own]) + "'>127.0.0.1</peer><tls><certificate file='" +
               directory.path(certificate) + "'/><authority file='" + directory.path(authority) + "'/></tls></tcp>";
    }

    const jabberd::test::TempDir directory;
    const std::uint16_t ports[2] = {free_port(), free_port()};
};

TEST_F(LinksWithTls, CarryPacketsAcrossSwaps)
{
    Member front{{"c2s"}, section(0, "cluster.pem")}, back{{"foo.com"}, section(1, "cluster.pem")};
    ASSERT_TRUE(front.wait_for_claim("foo.com")) << front.log() << back.log();
    EXPECT_THAT(front.status(), HasSubstr("TLSv1.3"));
    for (int i = 0; i < 3'000; ++i) {
        if (i % 1'000 == 500)
            front.swap();
        if (i % 1'000 == 900)
            back.swap();
        const std::string body(200, 'x');
        ASSERT_EQ(
            front.send("<message id='" + std::to_string(i) + "' to='b@foo.com'><body>" + body + "</body></message>"),
            JABBERD_DONE);
    }
    for (int i = 0; i < 3'000; ++i)
        ASSERT_THAT(back.next(), HasSubstr(" id='" + std::to_string(i) + "'"));
    EXPECT_THAT(front.log() + back.log(), Not(HasSubstr("given up")));
}

TEST_F(LinksWithTls, OfAnotherAuthorityAreRefused)
{
    Member front{{"c2s"}, section(0, "cluster.pem")}, back{{"foo.com"}, section(1, "stranger.pem")};
    EXPECT_TRUE(front.wait_for_line("refused: the connection has failed")) << front.log();
    EXPECT_THAT(front.log() + back.log(), Not(HasSubstr("is up")));
}

TEST_F(LinksWithTls, DoNotSpeakInTheClear)
{
    std::string clear = section(1, "cluster.pem");
    clear = clear.substr(0, clear.find("<tls>")) + "</tcp>";
    Member front{{"c2s"}, section(0, "cluster.pem")}, back{{"foo.com"}, clear};
    EXPECT_TRUE(front.wait_for_line("link from 127.0.0.1")) << front.log();
    EXPECT_THAT(front.log() + back.log(), Not(HasSubstr("is up")));
}

} // namespace
