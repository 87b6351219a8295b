// SPDX-License-Identifier: LGPL-2.1-or-later
// sto and sfrom in a jabberd 1.1: what was recorded there goes through unchanged.
#include "dialect/told.h"

#include <gtest/gtest.h>

namespace jabberd::test {
namespace {

TEST(SessionDialect, ChangesNothing)
{
    Told told{dialect::make_session_dialect()};
    for (const char *packet :
         {"<message type='error' sto='alice@localhost/probe' sfrom='7@c2s/2AA14D70'><error "
          "code='510'>Disconnected</error></message>",
          "<iq id='auth1' type='set' sto='localhost' sfrom='7@c2s/1'><query xmlns='jabber:iq:auth'><username>a&amp;b"
          "</username></query></iq>",
          "<presence to='bob@localhost' type='subscribe' sto='alice@localhost/r' sfrom='7@c2s/1'/>"}) {
        EXPECT_EQ(told.component(packet), Told::Lines{"host " + std::string{packet}});
        EXPECT_EQ(told.host(packet), Told::Lines{"component " + std::string{packet}});
    }
}

// It would be kept as an error: it comes back as one.
TEST(SessionDialect, SaysThatAMessageWithoutATypeIsANormalOne)
{
    Told told{dialect::make_session_dialect()};
    EXPECT_EQ(
        told.component("<message to='alice@localhost' type='error' sto='alice@localhost' "
                       "sfrom='7@c2s/1'><body>late</body><error code='510'>Disconnected</error></message>"),
        Told::Lines{"host <message to='alice@localhost' type='error' sto='alice@localhost' "
                    "sfrom='7@c2s/1'><body>late</body><error code='510' type='normal'>Disconnected</error></message>"});
}

} // namespace
} // namespace jabberd::test
