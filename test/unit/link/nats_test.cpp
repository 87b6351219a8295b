// SPDX-License-Identifier: LGPL-2.1-or-later
// What there is of the NATS carrier without a broker: subjects, announcements, and who may have a name.
#include "link/carrier/announcement.h"
#include "link/carrier/name_claim.h"
#include "link/carrier/nats_subjects.h"

#include <gtest/gtest.h>

namespace jabberd::link {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(NatsSubject, OfAProcessIsOneTokenWhateverItsNameIs)
{
    EXPECT_EQ(subject_token("host-a_1"), "host-a_1");
    EXPECT_EQ(subject_token("a.b/*>%"), "a%2Eb%2F%2A%3E%25");
    EXPECT_NE(subject_token("a.b"), subject_token("a%2Eb"));
    const NatsSubjects subjects{"xmpp.here", "a/link"};
    EXPECT_EQ(subjects.all(), "xmpp.here.all");
    EXPECT_EQ(subjects.own_inbox(), subjects.inbox("a/link"));
    EXPECT_EQ(subjects.inbox("b/link"), "xmpp.here.inbox.b%2Flink");
    EXPECT_EQ(subjects.absence("b/link"), "xmpp.here.absent.a%2Flink.b%2Flink");
}

TEST(NatsSubject, OfAClusterHasNoWildcardsAndNoEmptyParts)
{
    for (const char *good : {"jabberd", "xmpp.example-org.cluster_1"})
        EXPECT_TRUE(is_subject(good)) << good;
    for (const char *bad : {"", ".", "a.", ".a", "a..b", "a.*", ">", "a b", "a\n", "a%"})
        EXPECT_FALSE(is_subject(bad)) << bad;
    EXPECT_FALSE(is_subject(std::string(max_subject + 1, 'a')));
}

TEST(Announcement, IsReadAsItWasWritten)
{
    std::string bytes;
    write_announcement({"host-a/link", 7, 123'456'789'012, true}, bytes);
    Announcement read;
    ASSERT_TRUE(read_announcement(bytes, read));
    EXPECT_EQ(read.name, "host-a/link");
    EXPECT_EQ(read.process, 7u);
    EXPECT_EQ(read.held_ms, 123'456'789'012u);
    EXPECT_TRUE(read.holds);
}

TEST(Announcement, ThatIsCutOrLongerOrOfNoProcessIsNone)
{
    std::string bytes;
    write_announcement({"host-a", 7, 0, false}, bytes);
    Announcement read;
    for (std::size_t size = 0; size < bytes.size(); ++size)
        EXPECT_FALSE(read_announcement(std::string_view{bytes}.substr(0, size), read)) << size;
    EXPECT_FALSE(read_announcement(bytes + "x", read));
    bytes.clear();
    write_announcement({"host-a", 0, 0, false}, bytes);
    EXPECT_FALSE(read_announcement(bytes, read));
    bytes.clear();
    write_announcement({"host a", 7, 0, false}, bytes);
    EXPECT_FALSE(read_announcement(bytes, read));
}

// Two processes of one name at a broker that carries what they say at once.
class Namesakes : public testing::Test {
protected:
    using State = NameClaim::State;

    Announcement said_by(const NameClaim &claim, std::uint64_t process) const
    {
        return {"host-a", process, static_cast<std::uint64_t>(claim.held(now_) / milliseconds{1}),
                claim.state() == State::Held};
    }
    void go_on(Duration time)
    {
        for (const Time end = now_ + time; now_ < end; now_ += milliseconds{100}) {
            first_.tick(now_);
            second_.tick(now_);
        }
    }

    Time now_{seconds{1'000}};
    NameClaim first_{1}, second_{2};
};

TEST_F(Namesakes, OneThatIsAloneHasItsNameSoon)
{
    go_on(seconds{5});
    EXPECT_EQ(first_.state(), State::Asking) << "without a broker";
    first_.connected(now_);
    go_on(milliseconds{200});
    EXPECT_EQ(first_.state(), State::Asking);
    go_on(milliseconds{300});
    EXPECT_EQ(first_.state(), State::Held);
}

TEST_F(Namesakes, TheOneThatComesLaterIsRefusedWhileTheFirstIsThere)
{
    first_.connected(now_);
    go_on(seconds{1});
    second_.connected(now_);
    EXPECT_TRUE(first_.hear(said_by(second_, 2), now_)) << "it answers";
    for (int i = 0; i < 10; ++i) {
        EXPECT_FALSE(second_.hear(said_by(first_, 1), now_));
        EXPECT_EQ(second_.state(), State::Refused);
        go_on(seconds{1});
    }
    go_on(seconds{5}); // the first has gone
    EXPECT_EQ(second_.state(), State::Held);
}

TEST_F(Namesakes, OfTwoThatHaveItTheOneThatHasHadItForLongerKeepsIt)
{
    first_.connected(now_);
    go_on(seconds{60});
    second_.connected(now_);
    go_on(seconds{60});
    const Announcement one = said_by(first_, 1), other = said_by(second_, 2);
    EXPECT_TRUE(first_.hear(other, now_));
    EXPECT_FALSE(second_.hear(one, now_));
    EXPECT_EQ(first_.state(), State::Held);
    EXPECT_EQ(second_.state(), State::Refused);
}

TEST_F(Namesakes, OfTwoThatAskAtOneMomentOneGetsIt)
{
    first_.connected(now_);
    second_.connected(now_);
    const Announcement one = said_by(first_, 1), other = said_by(second_, 2);
    EXPECT_NE(first_.hear(other, now_), second_.hear(one, now_));
    go_on(seconds{1});
    EXPECT_NE(first_.state() == State::Held, second_.state() == State::Held);
}

TEST_F(Namesakes, OneThatWasStoppedGivesWayToTheOneThatCameMeanwhile)
{
    first_.connected(now_);
    go_on(seconds{60});
    now_ += seconds{10}; // the first is stopped
    second_.connected(now_);
    for (int i = 0; i < 10; ++i, now_ += milliseconds{100})
        second_.tick(now_);
    ASSERT_EQ(second_.state(), State::Held);
    first_.tick(now_);
    EXPECT_FALSE(first_.hear(said_by(second_, 2), now_));
    EXPECT_EQ(first_.state(), State::Refused);
}

TEST_F(Namesakes, AProcessIsNoNamesakeOfItsPredecessor)
{
    first_.inherit(now_, seconds{60});
    EXPECT_EQ(first_.state(), State::Held);
    EXPECT_FALSE(first_.hear({"host-a", 1, 1'000'000, true}, now_));
    EXPECT_EQ(first_.state(), State::Held);
}

} // namespace
} // namespace jabberd::link
