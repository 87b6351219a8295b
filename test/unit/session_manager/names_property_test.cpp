// SPDX-License-Identifier: LGPL-2.1-or-later
// A property: who may register may log in by every mechanism, whatever a client does to name and password; and two
// spellings of one name are one account.
#include "base/view.h"
#include "session_manager/accounts/naming.h"
#include "session_manager/base/jid.h"
#include "session_manager/unicode/precis.h"
#include "session_manager/unicode/stringprep.h"
#include "support/sasl_client.h"
#include "xml/escape.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unicase.h>
#include <uninorm.h>
#include <unistr.h>

#include <random>
#include <set>

namespace jabberd::test {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;

std::string utf8(std::u32string_view text)
{
    std::string out;
    for (const char32_t c : text) {
        std::uint8_t buffer[6];
        const int size = u8_uctomb(buffer, c, sizeof buffer);
        out.append(reinterpret_cast<const char *>(buffer), static_cast<std::size_t>(size));
    }
    return out;
}

// Text of all that Unicode has; more often of what is awkward. Nothing that XML cannot carry.
class Texts {
public:
    explicit Texts(unsigned seed) : random_(seed) {}

    std::string next()
    {
        std::u32string text;
        const std::size_t length = 1 + random_() % 4;
        const auto &block = blocks[random_() % std::size(blocks)]; // one script for most: others are refused
        while (text.size() < length) {
            const auto &[first, last] = random_() % 4 == 0 ? blocks[random_() % std::size(blocks)] : block;
            const char32_t c = first + static_cast<char32_t>(random_() % (last - first + 1));
            if (c >= 0x20 && (c < 0xD800 || c > 0xDFFF) && c != 0xFFFE && c != 0xFFFF)
                text += c;
        }
        return utf8(text);
    }

private:
    struct Block {
        char32_t first, last;
    };
    static constexpr Block blocks[] = {
        {0x21, 0x7E},       {0x61, 0x7A},       {0xA0, 0x17F},      {0x370, 0x52F},     {0x5D0, 0x6FF},
        {0x900, 0x9FF},     {0x10A0, 0x10FF},   {0x1E00, 0x1FFF},   {0x2000, 0x206F},   {0x20A0, 0x214F},
        {0x3040, 0x30FF},   {0x4E00, 0x9FFF},   {0xA640, 0xA7FF},   {0xAB70, 0xABBF},   {0xAC00, 0xD7A3},
        {0xF900, 0xFDFF},   {0xFE00, 0xFFEF},   {0x10400, 0x104FF}, {0x10C80, 0x10CFF}, {0x1C90, 0x1CBF},
        {0x1E900, 0x1E95F}, {0x1F130, 0x1F9FF}, {0x20000, 0x2A6DF}, {0xE0000, 0xE01EF}, {0x20, 0x10FFFD},
    };
    std::mt19937 random_;
};

// What clients make of a name or a password before they send or hash it.
std::set<std::string> prepared_by_clients(const std::string &given)
{
    std::set<std::string> all{given};
    if (const auto prepared = session_manager::stringprep(given, session_manager::StringprepProfile::Sasl))
        all.insert(*prepared);
    if (const auto prepared = session_manager::precis::opaque_string(given))
        all.insert(*prepared);
    return all;
}

std::string element(std::string_view name, std::string_view text)
{
    std::string out = "<" + std::string{name} + ">";
    xml::append_text(out, text);
    return out + "</" + std::string{name} + ">";
}

bool registers(Server &server, const std::string &name, const std::string &password)
{
    const std::string connection = server.new_connection();
    server.sends("<iq type='set' id='r' sto='foo.com' sfrom='" + connection + "'><query xmlns='jabber:iq:register'>" +
                 element("username", name) + element("password", password) + "</query></iq>");
    const std::string answer = server.next(connection);
    EXPECT_THAT(answer, AnyOf(HasSubstr("type='result'"), HasSubstr("not-acceptable"), HasSubstr("conflict")));
    return answer.find("type='result'") != std::string::npos;
}

// As whom: empty when it is refused.
std::string logs_in_by_iq_auth(Server &server, const std::string &name, const std::string &password)
{
    const std::string connection = server.new_connection();
    server.sends("<iq type='set' id='l' sto='foo.com' sfrom='" + connection + "'><query xmlns='jabber:iq:auth'>" +
                 element("username", name) + element("password", password) + "<resource>r</resource></query></iq>");
    const OwnedPacket answer = server.host.next(connection);
    const std::string who{text(answer.packet().sfrom)};
    return text(answer.packet().type) == "result" ? who.substr(0, who.find('/')) : "";
}

std::string logs_in_by_sasl(Server &server, const std::string &mechanism, const std::string &name,
                            const std::string &password)
{
    SaslLogin login;
    login.mechanism = mechanism;
    login.user = name;
    login.password = password;
    login.prepares = false; // that is done already
    SaslClient client{server, login};
    client.logs_in();
    return client.authenticated_as();
}

TEST(NamesProperty, WhoMayRegisterMayLogInByEveryMechanism)
{
    Server server;
    Texts texts{20261129};
    int registered = 0, refused = 0;
    while (registered < 40) {
        const std::string name = texts.next(), password = texts.next();
        if (!registers(server, name, password)) {
            ++refused;
            continue;
        }
        ++registered;
        const std::string address = *session_manager::new_account_name(name) + "@foo.com";
        for (const std::string &sent : prepared_by_clients(name)) {
            for (const std::string &secret : prepared_by_clients(password)) {
                EXPECT_EQ(logs_in_by_iq_auth(server, sent, secret), address) << sent << " " << secret;
                for (const char *mechanism : {"PLAIN", "SCRAM-SHA-1", "SCRAM-SHA-256"})
                    EXPECT_EQ(logs_in_by_sasl(server, mechanism, sent, secret), address)
                        << mechanism << " " << sent << " " << secret;
            }
        }
    }
    EXPECT_GT(refused, registered);
}

std::string converted(const std::string &text,
                      std::uint8_t *(*convert)(const std::uint8_t *, std::size_t, const char *, uninorm_t,
                                               std::uint8_t *, std::size_t *),
                      uninorm_t form)
{
    std::size_t length = 0;
    std::uint8_t *result =
        convert(reinterpret_cast<const std::uint8_t *>(text.data()), text.size(), nullptr, form, nullptr, &length);
    const std::string out{reinterpret_cast<const char *>(result), length};
    free(result);
    return out;
}

TEST(NamesProperty, TwoSpellingsOfANameAreOneAccount)
{
    Texts texts{8265};
    int names = 0;
    for (int tries = 0; tries < 50'000; ++tries) {
        const std::string given = texts.next();
        const auto name = session_manager::new_account_name(given);
        if (!name)
            continue;
        ++names;
        EXPECT_EQ(session_manager::prepare_user(*name), name) << given; // to write to it, it is spelled as it is shown
        if (given.find("ı") != std::string::npos)
            continue; // the one letter whose capital is another letter's
        // Decomposed first: of letters with several marks the case is not well defined otherwise.
        const std::string decomposed = converted(given, u8_tolower, UNINORM_NFD);
        for (const std::string &spelling :
             {decomposed, converted(decomposed, u8_toupper, UNINORM_NFC),
              converted(decomposed, u8_tolower, UNINORM_NFC), converted(decomposed, u8_toupper, UNINORM_NFD)}) {
            const auto other = session_manager::new_account_name(spelling);
            EXPECT_TRUE(!other || other == name) << given << " and " << spelling;
            EXPECT_EQ(session_manager::prepare_user(spelling), name) << given << " and " << spelling;
        }
    }
    EXPECT_GT(names, 5'000);
}

} // namespace
} // namespace jabberd::test
