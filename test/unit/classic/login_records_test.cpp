// SPDX-License-Identifier: LGPL-2.1-or-later
#include "classic/login_records.h"

#include "base/view.h"

#include <gtest/gtest.h>

#include <vector>

namespace jabberd::test {
namespace {

using Lines = std::vector<std::string>;

class LoginRecords : public testing::Test {
protected:
    // What a line of the log about this connection completes, as the host writes it.
    Lines logged(std::string_view connection, std::string_view client)
    {
        const jabberd_log_field fields[] = {
            {"SESSION", view("alice@localhost/home")}, {"CONNECTION", view(connection)}, {"CLIENT", view(client)}};
        Lines lines;
        for (const classic::Record &record : records.complete(fields))
            lines.push_back(record.who + ' ' + record.type + ' ' + record.action + ' ' + record.text);
        return lines;
    }

    void refused(std::string_view address, std::string_view code = "401")
    {
        records.add({"7@c2s/1", address, false, code});
    }

    classic::LoginRecords records;
};

TEST_F(LoginRecords, WaitForTheAddressOfTheirConnection)
{
    refused("alice@localhost/home");
    records.add({"8@c2s/1", "bob@localhost/work", true, {}});
    EXPECT_EQ(logged("9@c2s/1", "192.0.2.7:40210"), Lines{});
    EXPECT_EQ(logged("7@c2s/1", ""), Lines{}) << "which does not say where it comes from";
    EXPECT_EQ(logged("8@c2s/1", "192.0.2.7:40210"), Lines{"bob@localhost login ok 192.0.2.7 work"});
    EXPECT_EQ(logged("7@c2s/1", "[2001:db8::7]:40210"), Lines{"alice@localhost login fail 2001:db8::7 401 home"});
    EXPECT_EQ(logged("7@c2s/1", "[2001:db8::7]:40210"), Lines{}) << "twice";
}

TEST_F(LoginRecords, KeepTheirOrder)
{
    refused("alice@localhost/home");
    records.add({"7@c2s/1", "alice@localhost/home", true, {}});
    EXPECT_EQ(logged("7@c2s/1", "192.0.2.7:1"),
              (Lines{"alice@localhost login fail 192.0.2.7 401 home", "alice@localhost login ok 192.0.2.7 home"}));
}

TEST_F(LoginRecords, SayWhatWasNotSaidAsTheStockSocketManagerDid)
{
    refused("nobody@localhost", "");
    refused("ALICE@LocalHost/Home", "1; x");
    EXPECT_EQ(logged("7@c2s/1", "192.0.2.7:1"), (Lines{"nobody@localhost login fail 192.0.2.7 (null) (null)",
                                                       "alice@localhost login fail 192.0.2.7 (null) Home"}));
}

TEST_F(LoginRecords, AreOneLineEach)
{
    refused("alice@x login ok 6.6.6.6\n/a\nbob@localhost login ok\r6.6.6.6 \xe2\x80\xa8\xff %n");
    EXPECT_EQ(logged("7@c2s/1", "192.0.2.7:1"),
              Lines{"alice@x\\u{20}login\\u{20}ok\\u{20}6.6.6.6\\u{a} login fail 192.0.2.7 401 "
                    "a\\u{a}bob@localhost login ok\\u{d}6.6.6.6 \\u{2028}\\xff %n"});
}

TEST_F(LoginRecords, AreCutAtACharacter)
{
    refused("alice@localhost/" + std::string(493, 'x') + "\xc3\xa4");
    EXPECT_EQ(logged("7@c2s/1", "192.0.2.7:1"),
              Lines{"alice@localhost login fail 192.0.2.7 401 " + std::string(493, 'x') + "\xc3\xa4"});
    refused("alice@localhost/" + std::string(496, 'x') + "\xc3\xa4");
    EXPECT_EQ(logged("7@c2s/1", "192.0.2.7:1"),
              Lines{"alice@localhost login fail 192.0.2.7 401 " + std::string(496, 'x')});
}

TEST_F(LoginRecords, OfASocketManagerThatDoesNotNameItsConnectionsAreForgotten)
{
    refused("alice@localhost/first");
    for (int i = 0; i < 1000; ++i)
        records.add({"8@c2s/1", "bob@localhost/work", true, {}});
    EXPECT_EQ(logged("7@c2s/1", "192.0.2.7:1"), Lines{});
    EXPECT_EQ(logged("8@c2s/1", "192.0.2.7:1").size(), 1000u);
}

} // namespace
} // namespace jabberd::test
