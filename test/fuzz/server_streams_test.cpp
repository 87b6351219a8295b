// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fuzz/server_streams.h"

#include <gtest/gtest.h>

#include <array>
#include <random>

namespace jabberd::fuzz {
namespace {

constexpr std::array<std::string_view, 20> words{
    "<stream:stream xmlns:stream='http://etherx.jabber.org/streams' xmlns='jabber:client' id='1' version='1.0'>",
    "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' xmlns:x='y' from='foo.com'>",
    "<stream:stream xmlns:stream='http://etherx.jabber.org/streams' xmlns='jabber:server'>",
    "<stream:features>",
    "</stream:features>",
    "<stream:features/>",
    "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism><mechanism>X-PLUS</mechanism>",
    "</mechanisms>",
    "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
    "<authentication xmlns='urn:xmpp:sasl:2'><inline><mechanism>Y-PLUS</mechanism></inline></authentication>",
    "<message id='1' sto='a@b' sfrom='7@c2s/1'><body>hi</body></message>",
    "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>",
    "<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>",
    "<r xmlns='urn:xmpp:sm:3'/>",
    "</stream:stream>",
    " \n",
    "&lt;",
    "<presence",
    "/>",
    "\xc3"};

TEST(ServerStreams, AreTheSameInAnyChunksAndOverSwaps)
{
    std::minstd_rand random{1};
    for (int round = 0; round < 3000; ++round) {
        std::string bytes;
        if (random() % 8 != 0)
            bytes.append(words[random() % 2]);
        for (auto count = random() % 12; count > 0; --count)
            bytes += words[random() % words.size()];
        const auto failure = same_server_stream(bytes, static_cast<unsigned>(round));
        ASSERT_FALSE(failure) << bytes << "\n" << *failure;
    }
}

} // namespace
} // namespace jabberd::fuzz
