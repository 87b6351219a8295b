// SPDX-License-Identifier: LGPL-2.1-or-later
#include "metrics/listener.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/socket.h>

#include <array>
#include <chrono>
#include <string>
#include <vector>

namespace jabberd::host {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

class MetricsListenerOfAHost : public testing::Test {
protected:
    static Settings at(std::uint16_t port, const std::string &address = "127.0.0.1")
    {
        Settings settings;
        settings.metrics = MetricsPort{address, port, false, "jabber.xml", 7};
        return settings;
    }

    UniqueFd connected() const { return connected(listener_); }
    static UniqueFd connected(const MetricsListener &to_whom)
    {
        const auto to = net::SocketAddress::from_string(to_whom.address().value());
        UniqueFd client{socket(to->family(), SOCK_STREAM | SOCK_CLOEXEC, 0)};
        const sockaddr_storage address = to->storage();
        if (connect(client.get(), reinterpret_cast<const sockaddr *>(&address), to->storage_size()) != 0)
            client.reset();
        return client;
    }

    static void say(const UniqueFd &client, std::string_view text)
    {
        ASSERT_EQ(send(client.get(), text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
    }

    // All that it is sent, while the main loop runs.
    static std::string heard(const UniqueFd &client)
    {
        std::string heard;
        std::array<char, 65536> buffer;
        while (true) {
            const ssize_t count = recv(client.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
            if (count == 0 || (count < 0 && errno != EAGAIN))
                return heard;
            if (count > 0)
                heard.append(buffer.data(), static_cast<std::size_t>(count));
            else
                g_main_context_iteration(nullptr, TRUE);
        }
    }

    std::string text_ = "a 1\n";
    MetricsListener listener_{[this](MetricFormat) { return text_; }};
    Mistakes mistakes_;
};

constexpr std::string_view scrape = "GET /metrics HTTP/1.1\r\nHost: h\r\n\r\n";

TEST_F(MetricsListenerOfAHost, AnswersOneRequestAndCloses)
{
    listener_.use(at(0), mistakes_);
    const UniqueFd client = connected();
    say(client, scrape);
    say(client, scrape); // which is not answered, and does not cost the answer to the first
    EXPECT_THAT(heard(client), testing::AllOf(StartsWith("HTTP/1.1 200 "), EndsWith("\r\n\r\na 1\n")));
}

TEST_F(MetricsListenerOfAHost, AnswersARequestThatComesInPieces)
{
    listener_.use(at(0), mistakes_);
    const UniqueFd client = connected();
    for (const char c : scrape) {
        say(client, {&c, 1});
        while (g_main_context_iteration(nullptr, FALSE)) {
        }
    }
    EXPECT_THAT(heard(client), EndsWith("\r\n\r\na 1\n"));
}

TEST_F(MetricsListenerOfAHost, SendsWhatIsLargerThanASocketTakes)
{
    text_.assign(8u << 20, 'x');
    listener_.use(at(0), mistakes_);
    const UniqueFd client = connected();
    say(client, scrape);
    EXPECT_GT(heard(client).size(), text_.size());
}

TEST_F(MetricsListenerOfAHost, MakesRoomForTheNewestOfTooMany)
{
    listener_.use(at(0), mistakes_);
    std::vector<UniqueFd> silent;
    for (int i = 0; i < 9; ++i)
        silent.push_back(connected());
    const UniqueFd client = connected();
    say(client, scrape);
    EXPECT_THAT(heard(client), StartsWith("HTTP/1.1 200 "));
    EXPECT_EQ(heard(silent.front()), "") << "closed without an answer";
}

TEST_F(MetricsListenerOfAHost, EndsAClientThatDoesNotComeToItsEnd)
{
    MetricsListener hasty{[this](MetricFormat) { return text_; }, std::chrono::milliseconds{20}};
    hasty.use(at(0), mistakes_);
    const UniqueFd deaf = connected(hasty), slow = connected(hasty), silent = connected(hasty);
    text_.assign(32u << 20, 'x'); // more than sockets take
    say(deaf, scrape);
    say(slow, scrape.substr(0, scrape.size() - 1));
    EXPECT_EQ(heard(silent), "");
    EXPECT_EQ(heard(slow), "");
    EXPECT_LT(heard(deaf).size(), text_.size()) << "which came first";
}

TEST_F(MetricsListenerOfAHost, HasThePageFromAReloadOn)
{
    const std::string request = "GET / HTTP/1.0\r\n\r\n";
    Settings settings = at(0);
    for (const bool has_page : {false, true, false}) {
        settings.metrics->has_page = has_page;
        listener_.use(settings, mistakes_);
        const UniqueFd client = connected(listener_);
        say(client, request);
        EXPECT_THAT(heard(client), StartsWith(has_page ? "HTTP/1.1 200 " : "HTTP/1.1 404 "));
    }
}

TEST_F(MetricsListenerOfAHost, IsNotThereUnlessItIsConfigured)
{
    listener_.use({}, mistakes_);
    EXPECT_FALSE(listener_.address());
}

TEST_F(MetricsListenerOfAHost, MovesAndEndsByAReload)
{
    listener_.use(at(0), mistakes_);
    const std::string before = listener_.address().value();
    listener_.use(at(0), mistakes_);
    EXPECT_EQ(listener_.address(), before) << "nothing has changed";
    listener_.use(at(0, "127.0.0.2"), mistakes_);
    EXPECT_THAT(listener_.address().value(), StartsWith("127.0.0.2:"));
    const UniqueFd client = connected();
    listener_.use({}, mistakes_);
    EXPECT_FALSE(listener_.address());
    EXPECT_TRUE(mistakes_.all().empty());
}

TEST_F(MetricsListenerOfAHost, StaysWhereItWasWhenItCannotMove)
{
    listener_.use(at(0), mistakes_);
    const std::string before = listener_.address().value();
    const net::Listener other{*net::SocketAddress::parse("127.0.0.1", 0)};
    listener_.use(at(other.address().port()), mistakes_);
    EXPECT_EQ(listener_.address(), before);
    ASSERT_EQ(mistakes_.all().size(), 1u);
    EXPECT_THAT(to_text(mistakes_.all()[0]), testing::AllOf(StartsWith("jabber.xml:7: "), HasSubstr("in use")));
    listener_.use(at(0, "localhost"), mistakes_);
    ASSERT_EQ(mistakes_.all().size(), 2u);
    EXPECT_THAT(to_text(mistakes_.all()[1]), HasSubstr("is no address"));
    const UniqueFd client = connected();
    say(client, scrape);
    EXPECT_THAT(heard(client), StartsWith("HTTP/1.1 200 "));
}

} // namespace
} // namespace jabberd::host
