// SPDX-License-Identifier: LGPL-2.1-or-later
// What clients say of a blocklist (XEP-0191), and what they hear of it.
#pragma once

#include "support/server.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace jabberd::test {

inline constexpr std::string_view get_blocklist = "<iq type='get' id='l'><blocklist xmlns='urn:xmpp:blocking'/></iq>";
inline std::string block_items(const std::vector<std::string> &addresses)
{
    std::string out;
    for (const std::string &address : addresses)
        out += "<item jid='" + address + "'/>";
    return out;
}

inline std::string blocking_set(const std::string &verb, const std::vector<std::string> &addresses)
{
    return "<iq type='set' id='b'><" + verb + " xmlns='urn:xmpp:blocking'>" + block_items(addresses) + "</" + verb +
           "></iq>";
}

inline void blocks(ConnectedClient &client, const std::vector<std::string> &addresses)
{
    client.sends(blocking_set("block", addresses));
    EXPECT_EQ(client.gets(), canonical("<iq type='result' id='b' to='" + client.session + "'/>"));
}

inline std::string list_of(ConnectedClient &client)
{
    client.sends(get_blocklist);
    return client.gets();
}

inline std::string list_with(const ConnectedClient &client, const std::vector<std::string> &addresses)
{
    return canonical("<iq type='result' id='l' to='" + client.session + "'><blocklist xmlns='urn:xmpp:blocking'>" +
                     block_items(addresses) + "</blocklist></iq>");
}

inline std::string hi_to(const std::string &to, const std::string &from = "")
{
    return "<message to='" + to + "' " + (from.empty() ? "" : "from='" + from + "' ") +
           "type='chat' id='m'><body>hi</body></message>";
}

} // namespace jabberd::test
