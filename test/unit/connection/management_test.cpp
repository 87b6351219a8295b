// SPDX-License-Identifier: LGPL-2.1-or-later
// What is counted, kept and forgotten of a managed stream.
#include "connection/management.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace jabberd::connection {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::Optional;

class StreamManagement : public testing::Test {
protected:
    void send(Management &management, std::string_view stanza)
    {
        management.sent(queues_, stanza, "bob@foo.com", limits_);
    }
    static std::vector<std::string> kept(const Management &management)
    {
        std::vector<std::string> stanzas;
        if (management.unacknowledged_stanzas) {
            for (const auto &piece : management.unacknowledged_stanzas->pieces())
                stanzas.emplace_back(piece.bytes);
        }
        return stanzas;
    }

    net::QueuePool queues_;
    config::StreamManagement limits_;
};

TEST_F(StreamManagement, KeepsWhatIsNotAcknowledged)
{
    Management management{0, 300s};
    for (const char *stanza : {"<a/>", "<b/>", "<c/>"})
        send(management, stanza);
    EXPECT_THAT(kept(management), ElementsAre("<a/>", "<b/>", "<c/>"));
    EXPECT_THAT(management.acknowledge(queues_, 2), Optional(0u));
    EXPECT_THAT(kept(management), ElementsAre("<c/>"));
    EXPECT_THAT(management.acknowledge(queues_, 2), Optional(0u)) << "the same again";
    EXPECT_EQ(management.acknowledge(queues_, 4), std::nullopt) << "there were three";
    EXPECT_EQ(management.acknowledge(queues_, 1), std::nullopt) << "it had two already";
    EXPECT_THAT(management.acknowledge(queues_, 3), Optional(0u));
    EXPECT_EQ(management.held_bytes(), 0u);
}

TEST_F(StreamManagement, CountsOverTheEndOfNumbers)
{
    handover::ConnectionState state;
    state.managed = true;
    state.sm_key = std::string(16, 'k');
    state.sm_handled = state.sm_reported = state.sm_sent = state.sm_acknowledged = UINT32_MAX;
    Management management{state};
    EXPECT_EQ(management.handled(0), UINT32_MAX);
    EXPECT_EQ(management.handled(1), 0u);
    EXPECT_EQ(management.handled(2), 1u);
    send(management, "<a/>");
    send(management, "<b/>");
    EXPECT_EQ(management.sent_count(), 1u);
    EXPECT_THAT(management.acknowledge(queues_, 0), Optional(0u));
    EXPECT_THAT(kept(management), ElementsAre("<b/>"));
}

TEST_F(StreamManagement, DoesNotTakeBackWhatItHasSaid)
{
    Management management{5, 300s}; // of which two wait for the session manager
    EXPECT_EQ(management.handled(3), 0u);
    EXPECT_EQ(management.handled(6), 1u);
    EXPECT_EQ(management.handled(5), 1u);
}

TEST_F(StreamManagement, AsksOnceWhenMuchIsNotAcknowledged)
{
    Management management{0, 300s};
    EXPECT_FALSE(management.should_ask());
    send(management, "<a/>");
    EXPECT_TRUE(management.should_ask());
    EXPECT_FALSE(management.should_ask_now(limits_));
    for (int i = 0; i < 31; ++i)
        send(management, "<a/>");
    EXPECT_TRUE(management.should_ask_now(limits_));
    management.asked();
    EXPECT_FALSE(management.should_ask());
    ASSERT_TRUE(management.acknowledge(queues_, 1));
    EXPECT_TRUE(management.should_ask());
}

TEST_F(StreamManagement, AsksWhenItIsManyBytes)
{
    Management management{0, 300s};
    send(management, std::string(limits_.bytes / 4, 'x'));
    EXPECT_TRUE(management.should_ask_now(limits_));
}

TEST_F(StreamManagement, IsNotResumableWithTooMuch)
{
    limits_.stanzas = 3;
    Management management{0, 300s};
    for (int i = 0; i < 3; ++i)
        send(management, "<a/>");
    EXPECT_TRUE(management.resumable());
    send(management, "<b/>");
    EXPECT_FALSE(management.resumable());
    EXPECT_EQ(kept(management).size(), 4u) << "it may still go back";
    management.forget();
    send(management, "<c/>");
    EXPECT_TRUE(kept(management).empty());
    EXPECT_THAT(management.acknowledge(queues_, 5), Optional(0u)) << "the counting goes on";

    limits_.bytes = 10;
    Management other{0, 300s};
    send(other, "<message/>x");
    EXPECT_FALSE(other.resumable());
    EXPECT_FALSE((Management{0, 0s}.resumable()));
}

TEST_F(StreamManagement, CrossesASwap)
{
    Management management{7, 60s};
    send(management, "<a/>");
    send(management, "<b/>");
    EXPECT_EQ(management.handled(9), 2u);
    ASSERT_TRUE(management.acknowledge(queues_, 1));
    management.asked();
    handover::ConnectionState state;
    management.save(state, 9);
    Management successor{state};
    EXPECT_EQ(successor.handled(0), 2u);
    EXPECT_EQ(successor.handled(1), 3u);
    EXPECT_EQ(successor.sent_count(), 2u);
    EXPECT_EQ(successor.resumable_for(), 60s);
    EXPECT_FALSE(successor.should_ask());
    EXPECT_TRUE(same_key(successor.key(), management.key()));
    EXPECT_THAT(kept(successor), ElementsAre("<b/>"));
}

TEST(ResumptionIdText, IsReadAsItIsWritten)
{
    ResumptionId id{0xFFFFFFFF, 0x1f, {}};
    id.key.fill(std::byte{0xA5});
    const std::string text = to_string(id);
    EXPECT_EQ(text, "ffffffff-1f-a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5");
    const auto read = parse_resumption_id(text);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->id, id.id);
    EXPECT_EQ(read->number, id.number);
    EXPECT_TRUE(same_key(read->key, id.key));
    for (const char *wrong :
         {"", "-", "1-1-", "1-1-a5", "1-1-a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5", "1-1-a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5g5",
          "100000000-1-a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5", "1-a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5", "-1-1-a5", "x-1-a5"})
        EXPECT_FALSE(parse_resumption_id(wrong)) << wrong;
}

} // namespace
} // namespace jabberd::connection
