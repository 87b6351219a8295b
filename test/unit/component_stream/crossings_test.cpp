// SPDX-License-Identifier: LGPL-2.1-or-later
#include "component_stream/sessions/crossings.h"

#include "base/view.h"
#include "packet/notice.h"
#include "xml/packet_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace jabberd::test {
namespace {

using namespace component_stream;
using testing::ElementsAre;
using testing::IsEmpty;
using Way = Crossings::Way;

jabberd_packet packet(std::string_view name, std::string_view sto, std::string_view sfrom)
{
    jabberd_packet packet{};
    packet.size = sizeof packet;
    packet.name = view(name);
    packet.sto = view(sto);
    packet.sfrom = view(sfrom);
    return packet;
}

class CrossingSessions : public testing::Test {
protected:
    void log_in(std::string_view connection, std::string_view session, Way way)
    {
        const Way back = way == Way::Out ? Way::In : Way::Out;
        crossings.note(packet("iq", "localhost", connection), way);
        crossings.note(packet("iq", connection, session), back);
    }

    // sto and sfrom of all notices.
    std::vector<std::string> notices()
    {
        std::vector<std::string> all;
        crossings.end_all([&](const jabberd_packet &notice) {
            EXPECT_TRUE(packet::is_disconnected(notice));
            all.push_back(std::string{text(notice.sto)}.append(" ").append(text(notice.sfrom)));
        });
        return all;
    }

    Crossings crossings;
};

TEST_F(CrossingSessions, EndAtOurConnection)
{
    log_in("7@c2s/1", "alice@localhost/home", Way::Out);
    crossings.note(packet("message", "7@c2s/1", "alice@localhost"), Way::In);
    EXPECT_THAT(notices(), ElementsAre("7@c2s/1 alice@localhost/home"));
    EXPECT_THAT(notices(), IsEmpty()) << "once";
}

TEST_F(CrossingSessions, EndAtOurSessionManager)
{
    log_in("7@c2s/1", "alice@localhost/home", Way::In);
    EXPECT_THAT(notices(), ElementsAre("alice@localhost/home 7@c2s/1"));
}

TEST_F(CrossingSessions, HaveAConnectionThatWaitsForTheAnswerToAQuestion)
{
    crossings.note(packet("iq", "localhost", "7@c2s/1"), Way::Out);
    crossings.note(packet("iq", "localhost", "8@c2s/1"), Way::In);
    EXPECT_THAT(notices(), ElementsAre("7@c2s/1 localhost")) << "a session manager has nothing of it yet";
}

TEST_F(CrossingSessions, AreNamedByTheirClient)
{
    crossings.note(packet("auth", "localhost", "7@c2s/1"), Way::Out);
    crossings.note(packet("success", "7@c2s/1", "alice@localhost"), Way::In);
    crossings.note(packet("iq", "alice@localhost", "7@c2s/1"), Way::Out);
    EXPECT_EQ(crossings.all().front().session, "alice@localhost");
    crossings.note(packet("iq", "7@c2s/1", "alice@localhost/home"), Way::In);
    crossings.note(packet("presence", "alice@localhost/home", "7@c2s/1"), Way::Out);
    EXPECT_THAT(notices(), ElementsAre("7@c2s/1 alice@localhost/home"));
}

TEST_F(CrossingSessions, AreForgottenWhenEitherEndsThem)
{
    log_in("7@c2s/1", "alice@localhost/home", Way::Out);
    crossings.note(packet::disconnected_notice("alice@localhost/home", "7@c2s/1"), Way::Out);
    EXPECT_EQ(crossings.size(), 0u);
    log_in("7@c2s/2", "alice@localhost/home", Way::Out);
    crossings.note(packet::disconnected_notice("7@c2s/2", "alice@localhost/home"), Way::In);
    EXPECT_EQ(crossings.size(), 0u);
}

TEST_F(CrossingSessions, OutliveTheEndOfAnotherSession)
{
    log_in("7@c2s/1", "alice@localhost/home", Way::Out);
    crossings.note(packet::disconnected_notice("7@c2s/1", "bob@localhost/home"), Way::In);
    EXPECT_EQ(crossings.size(), 1u);
}

TEST_F(CrossingSessions, AreNoMoreThanThereArePlaces)
{
    for (int i = 0; i < 1000; ++i)
        crossings.note(packet("iq", "localhost", "7@c2s/" + std::to_string(i)), Way::Out);
    EXPECT_EQ(crossings.size(), 1u);
    EXPECT_THAT(notices(), ElementsAre("7@c2s/999 localhost"));
}

} // namespace
} // namespace jabberd::test
