// SPDX-License-Identifier: LGPL-2.1-or-later
// What comes to the port of a link and is no peer, or one that does not behave.
#include "link/carrier/handshake.h"
#include "link/frame/bytes.h"
#include "link/frame/frame.h"
#include "member.h"

#include "base/unique_fd.h"
#include "net/socket_address.h"

#include <gmock/gmock.h>
#include <sys/socket.h>

#include <thread>

namespace {

using namespace jabberd::link;
using namespace jabberd::link::test;
using testing::HasSubstr;

constexpr char known_secret[] = "a secret of the cluster";

class Stranger {
public:
    explicit Stranger(std::uint16_t port)
    {
        const auto address = jabberd::net::SocketAddress::parse("127.0.0.1", port)->storage();
        EXPECT_EQ(::connect(fd_.get(), reinterpret_cast<const sockaddr *>(&address), sizeof(sockaddr_in)), 0);
        const timeval patience{10, 0};
        ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    }

    void say(std::string_view bytes) { ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL); }
    void say_message(std::string_view message)
    {
        std::string bytes;
        store(bytes, static_cast<std::uint32_t>(message.size()));
        say(bytes.append(message));
    }
    std::string hear_message()
    {
        std::uint32_t size = 0;
        if (::recv(fd_.get(), &size, sizeof size, MSG_WAITALL) != sizeof size || size > 1'000)
            return {};
        std::string message(size, '\0');
        ::recv(fd_.get(), message.data(), size, MSG_WAITALL);
        return message;
    }
    bool is_left()
    {
        char byte = 0;
        return ::recv(fd_.get(), &byte, 1, 0) <= 0 && errno != EAGAIN;
    }

    // As one who knows the secret.
    bool introduce(std::string_view name)
    {
        Handshake handshake{name, "front", known_secret};
        say_message(handshake.first());
        std::string answer;
        auto step = Handshake::Step::GoOn;
        while (step == Handshake::Step::GoOn) {
            step = handshake.take(hear_message(), answer);
            if (!answer.empty())
                say_message(answer);
        }
        return step == Handshake::Step::Done;
    }

private:
    jabberd::UniqueFd fd_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
};

class LinkStrangers : public testing::Test {
protected:
    const std::uint16_t port = free_port(), elsewhere = free_port();
    Member front{{"c2s"},
                 "<name>front</name><tcp><listen port='" + std::to_string(port) + "'>127.0.0.1</listen><secret>" +
                     known_secret + "</secret><peer name='back' port='" + std::to_string(elsewhere) +
                     "'>127.0.0.1</peer></tcp>"};
};

TEST_F(LinkStrangers, WhoSpeakSomethingElseAreLeftWithOneLine)
{
    for (int i = 0; i < 5; ++i) {
        Stranger stranger{port};
        stranger.say("GET / HTTP/1.1\r\nHost: foo.com\r\n\r\n");
        EXPECT_TRUE(stranger.is_left());
    }
    EXPECT_TRUE(front.wait_for_line("refused: it has announced a message of 542393671 bytes, where 512 are the most"))
        << front.log();
    EXPECT_EQ(front.lines_with("refused"), 1u) << front.log();
}

TEST_F(LinkStrangers, WhoDoNotKnowTheSecretGetNoFurther)
{
    Stranger stranger{port};
    Handshake handshake{"back", "front", "another secret of somebody"};
    std::string answer;
    stranger.say_message(handshake.first());
    EXPECT_EQ(handshake.take(stranger.hear_message(), answer), Handshake::Step::GoOn);
    stranger.say_message(answer);
    EXPECT_EQ(handshake.take(stranger.hear_message(), answer), Handshake::Step::Failed);
    EXPECT_THAT(handshake.failure(), HasSubstr("secret"));
    EXPECT_TRUE(stranger.is_left());
    EXPECT_TRUE(front.wait_for_line("its <secret> is not ours")) << front.log();
}

TEST_F(LinkStrangers, WhoNeverIntroduceThemselvesLeaveRoomForOthers)
{
    std::vector<std::unique_ptr<Stranger>> silent;
    for (int i = 0; i < 64; ++i)
        silent.push_back(std::make_unique<Stranger>(port));
    Stranger late{port};
    EXPECT_TRUE(late.is_left());
    EXPECT_TRUE(front.wait_for_line("64 others have not introduced themselves yet")) << front.log();
    silent.pop_back();
    EXPECT_TRUE(front.wait_for_line("refused: the connection was closed there")) << front.log();
    Stranger peer{port};
    EXPECT_TRUE(peer.introduce("back"));
}

TEST_F(LinkStrangers, ASecondConnectionOfOneNameTakesThePlaceOfTheFirst)
{
    Stranger first{port}, second{port};
    EXPECT_TRUE(first.introduce("back"));
    EXPECT_TRUE(second.introduce("back"));
    EXPECT_TRUE(first.is_left());
}

TEST_F(LinkStrangers, APeerThatSendsNoFramesIsLeft)
{
    Stranger oversized{port};
    EXPECT_TRUE(oversized.introduce("back"));
    std::string bytes;
    store(bytes, std::uint32_t{max_frame + 1});
    oversized.say(bytes);
    EXPECT_TRUE(oversized.is_left());
    EXPECT_TRUE(front.wait_for_line("it has announced a message of 32769 bytes")) << front.log();
    Stranger garbage{port};
    EXPECT_TRUE(garbage.introduce("back"));
    garbage.say_message(std::string(100, 'x'));
    EXPECT_TRUE(garbage.is_left());
}

TEST_F(LinkStrangers, APeerThatCallsItselfOtherwiseInItsFramesIsLeft)
{
    Stranger peer{port};
    EXPECT_TRUE(peer.introduce("back"));
    Frame frame;
    frame.sender = "somebody";
    frame.process = frame.incarnation = 1;
    std::string bytes;
    write_frame(frame, bytes);
    peer.say_message(bytes);
    EXPECT_TRUE(peer.is_left());
}

} // namespace
