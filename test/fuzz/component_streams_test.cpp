// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fuzz/component_streams.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>

namespace jabberd::fuzz {
namespace {

constexpr std::array<std::string_view, 22> words{
    "<?xml version='1.0'?>",
    "<stream:stream xmlns:stream='http://etherx.jabber.org/streams' xmlns='jabber:component:accept' "
    "to='rooms.localhost' id='id1'>",
    "<root>",
    "<stream:stream xmlns:stream='http://etherx.jabber.org/streams' xmlns='jabberd:sockets' id='id1'>",
    "<handshake>HANDSHAKE</handshake>",
    "<handshake>",
    "</handshake>",
    "<handshake/>",
    "<message to='a@localhost' from='rooms.localhost'><body>hi</body></message>",
    "<iq sto='a@b/c' sfrom='7@c2s/1' type='result'/>",
    "<route to='7@c2s/1' from='a@b/1' type='auth'><iq type='result'/></route>",
    "<stream:error>Invalid Handshake</stream:error>",
    "<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>",
    "<stream:features/>",
    "</stream:stream>",
    "</root>",
    " \n",
    "&lt;",
    "<presence xmlns='jabber:client'>",
    "</presence>",
    "<x:y/>",
    "\xc3"};

// Headers and handshakes first, as they mostly come; then anything.
TEST(ComponentStreams, AreTheSameInAnyChunksAndOverSwaps)
{
    std::minstd_rand random{1};
    for (int round = 0; round < 3000; ++round) {
        std::string bytes;
        if (random() % 8 != 0)
            bytes.append(words[1 + random() % 3]).append(words[random() % 2 == 0 ? 4 : 7]);
        for (auto count = random() % 12; count > 0; --count)
            bytes += words[random() % words.size()];
        const auto failure = same_component_stream(bytes, static_cast<unsigned>(round));
        ASSERT_FALSE(failure) << bytes << "\n" << *failure;
    }
}

TEST(ComponentStreams, OfTheCorpusAreToo)
{
    const char *corpus = std::getenv("CORPUS"); // NOLINT: nobody sets it meanwhile
    ASSERT_NE(corpus, nullptr);
    unsigned count = 0;
    for (const auto &entry : std::filesystem::directory_iterator{std::string{corpus} + "/component_stream"}) {
        std::ifstream file{entry.path(), std::ios::binary};
        const std::string bytes{std::istreambuf_iterator<char>{file}, {}};
        const auto failure = same_component_stream(bytes, ++count);
        EXPECT_FALSE(failure) << entry.path() << "\n" << *failure;
    }
    EXPECT_GT(count, 0u);
}

} // namespace
} // namespace jabberd::fuzz
