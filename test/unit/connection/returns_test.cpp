// SPDX-License-Identifier: LGPL-2.1-or-later
#include "connection/returns.h"

#include "base/view.h"
#include "support/packet_from_xml.h"
#include "xml/packet_text.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace jabberd::connection {
namespace {

class SetClock final : public Clock {
public:
    Time now() const override { return time; }
    Time time{};
};

// What comes of a packet for a connection that is gone: the packet that leaves, or nothing.
class ReturnsTest : public testing::Test {
protected:
    ReturnsTest()
    {
        host_.size = sizeof host_;
        host_.host_data = this;
        host_.deliver = [](const jabberd_host *host, const jabberd_packet *packet) {
            std::string &text = static_cast<ReturnsTest *>(host->host_data)->left_;
            xml::append_packet(text, *packet);
            std::ranges::replace(text, '"', '\'');
            return JABBERD_DELIVERED;
        };
        host_.log = [](const jabberd_host *host, const jabberd_log_record *record) {
            static_cast<ReturnsTest *>(host->host_data)->logged_.emplace_back(text(record->message));
        };
    }

    std::string comes(const std::string &xml)
    {
        left_.clear();
        returns_.undeliverable(test::packet_from_xml(xml).packet());
        return left_;
    }

    static std::string message(const std::string &sfrom, const std::string &to = "alice@foo.com",
                               const std::string &body = "hi")
    {
        return "<message to='" + to + "' from='bob@foo.com/r' type='chat' sto='7@c2s/1-old' sfrom='" + sfrom +
               "'><body>" + body + "</body></message>";
    }

    static std::string returned(const std::string &sto, const std::string &to = "alice@foo.com")
    {
        return "<message to='" + to + "' from='bob@foo.com/r' type='error' sto='" + sto +
               "' sfrom='7@c2s/1-old'><body>hi</body><error code='510' type='chat'>Disconnected</error></message>";
    }

    jabberd_host host_{};
    SetClock clock_;
    HostLink link_{host_};
    Returns returns_{link_, clock_};
    std::string left_;
    std::vector<std::string> logged_;
};

constexpr char bounced[] =
    "<message to='bob@foo.com/r' from='alice@foo.com' type='error'><body>hi</body><error code='503' type='cancel'>"
    "<service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>";

TEST_F(ReturnsTest, ReturnAPacketUnderWhatSentIt)
{
    EXPECT_EQ(comes(message("alice@foo.com/r")), returned("alice@foo.com/r"));
    EXPECT_EQ(comes(message("alice@foo.com")), returned("alice@foo.com"));
}

TEST_F(ReturnsTest, EndARoundWithTheAuthor)
{
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(comes(message("alice@foo.com")), returned("alice@foo.com")) << i;
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(comes(message("alice@foo.com")), bounced) << i;
    EXPECT_EQ(logged_.size(), 3u);
}

TEST_F(ReturnsTest, NameTheSessionWhereTheMessageDoes)
{
    const std::string to = "Alice@foo.com/home";
    EXPECT_EQ(comes(message("alice@foo.com", to)), returned("alice@foo.com", to)) << "it may have ended meanwhile";
    EXPECT_EQ(comes(message("alice@foo.com", to)), returned(to, to));
    EXPECT_EQ(comes(message("carol@foo.com", to)), returned("carol@foo.com", to));
    EXPECT_EQ(comes(message("carol@foo.com", to)), returned("carol@foo.com", to)) << "not hers";
}

TEST_F(ReturnsTest, TellNobodyOfWhatHasNoAuthor)
{
    for (const char *packet : {"<presence from='bob@foo.com/r' sto='7@c2s/1-old' sfrom='alice@foo.com'/>",
                               "<message sto='7@c2s/1-old' sfrom='alice@foo.com'><body>x</body></message>",
                               "<message type='error' from='bob@foo.com' sto='7@c2s/1-old' "
                               "sfrom='alice@foo.com'><body>x</body></message>"}) {
        for (int i = 0; i < 3; ++i)
            EXPECT_NE(comes(packet), "") << packet;
        EXPECT_EQ(comes(packet), "") << packet;
    }
}

TEST_F(ReturnsTest, CountASessionThatIsNamedNever)
{
    for (int i = 0; i < 2000; ++i)
        ASSERT_EQ(comes(message("alice@foo.com/r")), returned("alice@foo.com/r")) << i;
}

TEST_F(ReturnsTest, KnowAMessageByAllThatItIs)
{
    for (int i = 0; i < 500; ++i)
        EXPECT_NE(comes(message("alice@foo.com", "alice@foo.com", std::to_string(i))).find("code='510'"),
                  std::string::npos);
}

// Each time round something may be added, such as a delay.
TEST_F(ReturnsTest, EndARoundThatNeverLooksTheSame)
{
    std::string body = "hi";
    int times = 0;
    while (comes(message("alice@foo.com", "alice@foo.com", body += ".")).find("code='510'") != std::string::npos)
        ASSERT_LT(++times, 2000);
    EXPECT_EQ(times, 1000);
}

TEST_F(ReturnsTest, ForgetInTime)
{
    for (int i = 0; i < 3; ++i)
        comes(message("alice@foo.com"));
    clock_.time += std::chrono::minutes{11};
    EXPECT_EQ(comes(message("alice@foo.com")), returned("alice@foo.com"));
}

TEST_F(ReturnsTest, SwallowA510AndWhatHasNoSender)
{
    for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(comes(returned("7@c2s/1-old")), "");
        EXPECT_EQ(comes("<message type='error' sto='7@c2s/1-old' sfrom='alice@foo.com'><error code='510'/></message>"),
                  "");
        EXPECT_EQ(comes("<message sto='7@c2s/1-old'/>"), "");
    }
}

} // namespace
} // namespace jabberd::connection
