// SPDX-License-Identifier: LGPL-2.1-or-later
// Of a socket the header is taken, and nothing else.
#include "net/proxy_header_reader.h"

#include "base/unique_fd.h"

#include <gtest/gtest.h>

#include <sys/socket.h>

#include <array>

namespace jabberd::net {
namespace {

using namespace std::string_literals;
using Reader = ProxyHeaderReader;

const std::string whole_header = "PROXY TCP4 192.0.2.7 127.0.0.1 40210 5222\r\n";
const std::string health_check = "\r\n\r\n\0\r\nQUIT\n\x20\0\0\0"s;

class ProxyHeaderReaderTest : public testing::Test {
protected:
    ProxyHeaderReaderTest()
    {
        std::array<int, 2> ends;
        EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()), 0);
        proxy_ = UniqueFd{ends[0]};
        ours_ = UniqueFd{ends[1]};
    }

    void say(std::string_view bytes)
    {
        ASSERT_EQ(::send(proxy_.get(), bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
    }

    // What is still in our socket.
    std::string left()
    {
        std::array<char, 10000> bytes;
        const ssize_t size = ::recv(ours_.get(), bytes.data(), bytes.size(), 0);
        return {bytes.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
    }

    Reader::Result read() { return reader_.read(ours_.get()); }

    UniqueFd proxy_, ours_;
    const SocketAddress peer_ = *SocketAddress::parse("192.0.2.1", 50000);
    Reader reader_{peer_};
};

TEST_F(ProxyHeaderReaderTest, LeavesWhatIsBehindTheHeader)
{
    say(whole_header + "\x16\x03\x01");
    const auto result = read();
    ASSERT_TRUE(std::holds_alternative<ProxyHeader>(result));
    EXPECT_EQ(std::get<ProxyHeader>(result).client->to_string(), "192.0.2.7:40210");
    EXPECT_EQ(left(), "\x16\x03\x01");
}

TEST_F(ProxyHeaderReaderTest, TakesAHeaderThatComesByteByByte)
{
    for (const char &byte : whole_header.substr(0, whole_header.size() - 1)) {
        say({&byte, 1});
        EXPECT_EQ(std::get<Reader::Waiting>(read()), Reader::Waiting::ForHeader);
        EXPECT_EQ(left(), "") << "or the loop would be told of it again and again";
    }
    say("\n<");
    EXPECT_TRUE(std::holds_alternative<ProxyHeader>(read()));
    EXPECT_EQ(left(), "<");
}

TEST_F(ProxyHeaderReaderTest, GoesOnWithWhatAPredecessorHasTaken)
{
    reader_ = Reader{peer_, whole_header.substr(0, 20)};
    EXPECT_EQ(std::get<Reader::Waiting>(read()), Reader::Waiting::ForHeader);
    say(whole_header.substr(20) + "<");
    EXPECT_EQ(std::get<ProxyHeader>(read()).client->to_string(), "192.0.2.7:40210");
    EXPECT_EQ(left(), "<");
}

TEST_F(ProxyHeaderReaderTest, WaitsForAByteBehindAHeaderThatNamesNoClient)
{
    say(health_check);
    EXPECT_EQ(std::get<Reader::Waiting>(read()), Reader::Waiting::ForClient);
    EXPECT_EQ(std::get<Reader::Waiting>(read()), Reader::Waiting::ForClient);
    EXPECT_EQ(left(), "");
    Reader successor{peer_, reader_.begun()};
    EXPECT_TRUE(successor.complete());
    say("<");
    EXPECT_FALSE(std::get<ProxyHeader>(successor.read(ours_.get())).client);
    EXPECT_EQ(left(), "<");
}

TEST_F(ProxyHeaderReaderTest, TakesAHeaderThatNamesTheProxyItselfForOneThatNamesNoClient)
{
    say("PROXY TCP4 192.0.2.1 127.0.0.1 50000 5222\r\n"); // a health check of HAProxy
    EXPECT_EQ(std::get<Reader::Waiting>(read()), Reader::Waiting::ForClient);
    reader_ = Reader{peer_};
    say("PROXY TCP4 192.0.2.1 127.0.0.1 50001 5222\r\n"); // a client on the proxy's machine
    EXPECT_EQ(std::get<ProxyHeader>(read()).client->to_string(), "192.0.2.1:50001");
}

TEST_F(ProxyHeaderReaderTest, DoesNotWaitForAByteThatIsThere)
{
    say(health_check + "<");
    EXPECT_TRUE(std::holds_alternative<ProxyHeader>(read()));
    EXPECT_EQ(left(), "<");
}

TEST_F(ProxyHeaderReaderTest, TellsAProxyThatOnlyLookedFromOneThatBrokeOff)
{
    say(health_check);
    read();
    proxy_.reset();
    EXPECT_EQ(std::get<Reader::Gone>(read()), Reader::Gone::WithoutAWord);
    EXPECT_EQ(std::get<Reader::Gone>(Reader{peer_}.read(ours_.get())), Reader::Gone::WithoutAWord);
    EXPECT_EQ(std::get<Reader::Gone>(Reader{peer_, "PROXY "}.read(ours_.get())), Reader::Gone::InTheHeader);
}

TEST_F(ProxyHeaderReaderTest, SaysWhatIsWrong)
{
    say("<stream:stream");
    EXPECT_EQ(std::get<ProxyHeaderFault>(read()).reason, "it does not begin with a PROXY header");
}

} // namespace
} // namespace jabberd::net
