// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session/plain_login.h"

#include "base/base64.h"

#include <gtest/gtest.h>

using namespace std::string_literals;

namespace jabberd::session {
namespace {

// The body of the set, or the name of the failure.
std::string translated(const std::string &message)
{
    const auto result = iq_auth_of_plain(message, "foo.com", "foo.net", "r1");
    if (const auto *condition = std::get_if<SaslCondition>(&result))
        return std::string{condition->name};
    return std::get<std::string>(result);
}

std::string translated_plain(const std::string &message)
{
    return translated(base64_encode(message));
}

TEST(PlainLogin, BecomesASetOfIqAuth)
{
    EXPECT_EQ(translated_plain("\0alice\0s3cret"s),
              "<query xmlns='jabber:iq:auth'><username>alice</username><password>s3cret</password>"
              "<resource>r1</resource></query>");
}

TEST(PlainLogin, EscapesWhatIsNoXml)
{
    EXPECT_EQ(translated_plain("\0a<b\0</password>&"s),
              "<query xmlns='jabber:iq:auth'><username>a&lt;b</username><password>&lt;/password&gt;&amp;</password>"
              "<resource>r1</resource></query>");
}

TEST(PlainLogin, MayNameItselfAndNobodyElse)
{
    EXPECT_NE(translated_plain("alice@foo.com\0alice\0x"s), "invalid-authzid");
    EXPECT_NE(translated_plain("alice@FOO.com\0alice\0x"s), "invalid-authzid");
    for (const std::string &other : {"bob@foo.com"s, "alice@bar.org"s, "alice"s, "alice@foo.com/r"s, "@foo.com"s})
        EXPECT_EQ(translated_plain(other + "\0alice\0x"s), "invalid-authzid") << other;
}

TEST(PlainLogin, WantsThreePartsAndANameAndAPassword)
{
    for (const std::string &message : {""s, "alice"s, "\0alice"s, "\0alice\0"s, "\0\0x"s, "\0alice\0x\0y"s})
        EXPECT_EQ(translated_plain(message), "malformed-request") << message;
    EXPECT_EQ(translated("="), "malformed-request") << "empty, as RFC 6120 §6.4.2 writes it";
}

TEST(PlainLogin, IsBase64)
{
    for (const char *message : {"A", "AGFsaWNl AHg=", "AGFsaWNlAHg=\n", "&#65;GFsaWNlAHg="})
        EXPECT_EQ(translated(message), "incorrect-encoding") << message;
}

TEST(PlainLogin, IsTextThatXmlCanCarry)
{
    for (const std::string &name : {"a\x01"s, "a\xFF"s, "\xED\xA0\x80"s, "\xEF\xBF\xBF"s, "\xC0\xAF"s})
        EXPECT_EQ(translated_plain("\0"s + name + "\0x"s), "malformed-request") << name;
}

} // namespace
} // namespace jabberd::session
