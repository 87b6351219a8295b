// SPDX-License-Identifier: LGPL-2.1-or-later
// What a stranger can send, to an account that is there and to one that is not: the answers are the same.
#include "support/server.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace jabberd::test {
namespace {

const std::string chat_state = "<active xmlns='http://jabber.org/protocol/chatstates'/>";
const std::string hint = "<no-store xmlns='urn:xmpp:hints'/>";

std::vector<std::string> kinds()
{
    std::vector<std::string> all;
    for (const char *type : {"", "type='normal'", "type='chat'", "type='groupchat'", "type='headline'", "type='error'",
                             "type='unheard-of'"}) {
        const std::vector<std::string> bodies{"<body>hi</body>", chat_state, "<body>hi</body>" + hint,
                                              chat_state + hint, "",         "<subject>s</subject>"};
        for (const std::string &body : bodies)
            all.push_back("<message to='{to}' " + std::string{type} + ">" + body + "</message>");
    }
    for (const char *type : {"", "type='unavailable'", "type='subscribe'", "type='subscribed'", "type='unsubscribe'",
                             "type='unsubscribed'", "type='probe'", "type='error'", "type='unheard-of'"})
        all.push_back("<presence to='{to}' " + std::string{type} + "/>");
    for (const char *payload :
         {"<vCard xmlns='vcard-temp'/>", "<query xmlns='http://jabber.org/protocol/disco#info'/>",
          "<query xmlns='http://jabber.org/protocol/disco#items'/>", "<ping xmlns='urn:xmpp:ping'/>",
          "<query xmlns='jabber:iq:version'/>", "<query xmlns='jabber:iq:roster'/>", "<query xmlns='jabber:iq:last'/>",
          "<query xmlns='jabber:iq:private'><x xmlns='y'/></query>", "<query xmlns='jabber:iq:register'/>", ""}) {
        for (const char *type : {"get", "set", "result", "error"})
            all.push_back("<iq id='i' to='{to}' type='" + std::string{type} + "'>" + payload + "</iq>");
    }
    return all;
}

std::string replaced(std::string text, const std::string &what, const std::string &by)
{
    for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size())
        text.replace(at, what.size(), by);
    return text;
}

// All that comes for it, the name of the account taken out.
std::string answers(ConnectedClient &stranger, const std::string &kind, const std::string &account,
                    const std::string &resource)
{
    stranger.sends(replaced(kind, "{to}", account + "@foo.com" + resource));
    std::string all;
    for (int fences = 0; fences < 2; ++fences) { // what was sent may have gone through the storage thread, and back
        stranger.sends("<iq type='get' id='fence'><query xmlns='jabber:iq:private'><x xmlns='fence'/></query></iq>");
        for (std::string next = stranger.gets(); next.find("id='fence'") == std::string::npos; next = stranger.gets()) {
            if (next == "(nothing)")
                return next;
            all += next + "\n";
        }
    }
    return replaced(std::move(all), account, "whoever");
}

class Strangers : public testing::TestWithParam<std::string> {};

TEST_P(Strangers, CannotTellWhichAccountsThereAre)
{
    for (const bool is_online : {false, true}) {
        Server server;
        server.register_account("known");
        ConnectedClient known = server.log_in("known", "home");
        if (is_online)
            known.comes_online();
        else
            known.disconnects();
        ConnectedClient one = server.log_in("one", "r"), other = server.log_in("one2", "r");
        one.comes_online();
        other.comes_online();
        for (const std::string &kind : kinds()) {
            const std::string there = answers(one, kind, "known", GetParam());
            const std::string not_there = replaced(answers(other, kind, "ghost", GetParam()), "one2@", "one@");
            EXPECT_EQ(there, not_there) << kind << (is_online ? " to who is online" : "");
        }
    }
}

INSTANTIATE_TEST_SUITE_P(ByAddress, Strangers, testing::Values("", "/nowhere"));

} // namespace
} // namespace jabberd::test
