// SPDX-License-Identifier: LGPL-2.1-or-later
// From packets to a client's bytes, over a transport that takes what it is told to.
#include "fakes.h"

#include "connection/outgoing.h"
#include "connection/returning.h"

#include <gtest/gtest.h>

#include <sys/epoll.h>

namespace jabberd::connection {
namespace {

using namespace std::chrono_literals;

// As messages of their own, in brackets.
class Brackets final : public stream::Framing {
public:
    void append_header(std::string &out, const xml::StreamHeader &, std::string_view from,
                       std::string_view stream_id) const override
    {
        out.append("[open ").append(from).append(" ").append(stream_id).append("]");
    }
    void enclose(std::string &out, std::size_t begin) const override
    {
        out.insert(begin, "[");
        out += ']';
    }
    std::string_view element(std::string_view enclosed) const override
    {
        return enclosed.substr(1, enclosed.size() - 2);
    }
    void append_close(std::string &out) const override { out += "[close]"; }
    void append_keepalive(std::string &out) const override { out += "[ping]"; }
};

class OutgoingBytes : public testing::Test {
protected:
    FakeTransport &transport_ = *new FakeTransport; // owned by the socket
    Socket socket_{std::unique_ptr<net::Transport>{&transport_}};
    FakeSurroundings fake_;
    Surroundings &around_ = fake_.around;
    Outgoing outgoing_{stream::one_document(), around_.now()};

    Outgoing::Written write() { return outgoing_.write(socket_, around_.queues, around_.counters, around_.now()); }
};

TEST_F(OutgoingBytes, AreWrittenInOrder)
{
    outgoing_.element(around_.queues, "<stream:features/>");
    outgoing_.stanza(around_.queues, message("<body>1</body>"), "alice@foo.com");
    outgoing_.keepalive(around_.queues);
    outgoing_.close(around_.queues);
    EXPECT_EQ(write(), Outgoing::Written::All);
    EXPECT_EQ(transport_.written, "<stream:features/><message><body>1</body></message> </stream:stream>");
    EXPECT_TRUE(outgoing_.empty());
    EXPECT_EQ(outgoing_.stanzas(), 1u);
    EXPECT_EQ(outgoing_.bytes(), transport_.written.size());
    EXPECT_EQ(around_.counters.stanzas_out.get(), 1u);
}

TEST_F(OutgoingBytes, StayInOrderWhileTheyFindNoRoom)
{
    outgoing_.element(around_.queues, "<a/>");
    outgoing_.element(around_.queues, "<b/>");
    transport_.room = {5, 0};
    EXPECT_EQ(write(), Outgoing::Written::Blocked);
    EXPECT_TRUE(socket_.write_blocked());
    EXPECT_EQ(outgoing_.size(), 3u);
    EXPECT_TRUE(socket_.ready(EPOLLOUT).write);
    EXPECT_EQ(write(), Outgoing::Written::All);
    EXPECT_EQ(transport_.written, "<a/><b/>");
}

TEST_F(OutgoingBytes, ThatAreNotWhollyWrittenGoBackAsStanzas)
{
    outgoing_.stanza(around_.queues, message("<body>1</body>"), "bob@foo.com/r");
    outgoing_.stanza(around_.queues, message("<body>2</body>"), "bob@foo.com/r");
    outgoing_.keepalive(around_.queues);
    transport_.room = {40, 0}; // the first, and some of the second
    EXPECT_EQ(write(), Outgoing::Written::Blocked);
    return_all(*outgoing_.take_stanzas(nullptr), around_.host(), "1@c2s/a", around_.parsers, around_.counters);
    ASSERT_EQ(fake_.host.delivered.size(), 1u);
    EXPECT_EQ(fake_.host.delivered[0], "<message type='error' sto='bob@foo.com/r' sfrom='1@c2s/a'><body>2</body>"
                                       "<error code='510'>Disconnected</error></message>");
    EXPECT_EQ(around_.counters.returned.get(), 1u);
    EXPECT_TRUE(outgoing_.empty());
}

// What the client has not acknowledged begins before what was not written, and has no marks.
TEST_F(OutgoingBytes, AreTakenBackFromWhereTheClientHasAcknowledged)
{
    static constexpr Brackets brackets;
    Outgoing outgoing{brackets, around_.now()};
    net::OutQueue sent;
    const auto stanza = [&](const std::string &body, bool managed) {
        outgoing.stanza(around_.queues, message(body), "bob@foo.com/r");
        if (!managed)
            return;
        sent.begin_stanza() += "<message>" + body + "</message>";
        sent.end_stanza("bob@foo.com/r");
    };
    stanza("1", true);
    transport_.room = {1000, 5, 0};
    EXPECT_EQ(outgoing.write(socket_, around_.queues, around_.counters, around_.now()), Outgoing::Written::All);
    stanza("2", true);
    outgoing.ask_written("bob@foo.com/r");
    stanza("3", true);
    EXPECT_EQ(outgoing.write(socket_, around_.queues, around_.counters, around_.now()), Outgoing::Written::Blocked);
    std::string all;
    outgoing.take_stanzas(&sent)->take_back(
        [&](std::string_view one, std::string_view) { all.append(one.empty() ? "?" : one); });
    EXPECT_EQ(all, "<message>1</message><message>2</message>?<message>3</message>");
    EXPECT_TRUE(outgoing.empty());
    EXPECT_EQ(outgoing.take_stanzas(nullptr), nullptr);
}

TEST_F(OutgoingBytes, AreAlsoThoseFromBeforeTheStreamWasManaged)
{
    outgoing_.stanza(around_.queues, message("1"), "bob@foo.com/r");
    outgoing_.stanza(around_.queues, message("2"), "bob@foo.com/r");
    net::OutQueue sent;
    sent.begin_stanza() += "<message>2</message>";
    sent.end_stanza("bob@foo.com/r");
    std::string all;
    outgoing_.take_stanzas(&sent)->take_back([&](std::string_view one, std::string_view) { all.append(one); });
    EXPECT_EQ(all, "<message>1</message><message>2</message>");
}

TEST_F(OutgoingBytes, LieAsTheirFramingHasThem)
{
    static constexpr Brackets brackets;
    Outgoing outgoing{brackets, around_.now()};
    outgoing.header(around_.queues, {}, "foo.com", "1d");
    outgoing.element(around_.queues, "<stream:features/>");
    outgoing.stanza(around_.queues, message("<body>1</body>"), "bob@foo.com/r");
    outgoing.keepalive(around_.queues);
    outgoing.close(around_.queues);
    transport_.room = {30, 0};
    EXPECT_EQ(outgoing.write(socket_, around_.queues, around_.counters, around_.now()), Outgoing::Written::Blocked);
    Outgoing successor{brackets, around_.now()};
    handover::ConnectionState state;
    outgoing.save(state);
    successor.restore(around_.queues, state);
    EXPECT_TRUE(socket_.ready(EPOLLOUT).write);
    EXPECT_EQ(successor.write(socket_, around_.queues, around_.counters, around_.now()), Outgoing::Written::All);
    EXPECT_EQ(transport_.written,
              "[open foo.com 1d][<stream:features/>][<message><body>1</body></message>][ping][close]");
    return_all(*outgoing.take_stanzas(nullptr), around_.host(), "1@c2s/a", around_.parsers, around_.counters);
    EXPECT_EQ(fake_.host.delivered.at(0), "<message type='error' sto='bob@foo.com/r' sfrom='1@c2s/a'><body>1</body>"
                                          "<error code='510'>Disconnected</error></message>")
        << "out of its brackets";
}

TEST_F(OutgoingBytes, MayBeOneLargeStanzaButNotMany)
{
    config::Limits limits;
    limits.queue = 1000;
    limits.memory = 1'000'000;
    outgoing_.stanza(around_.queues, message(std::string(100'000, 'x')), "foo.com");
    EXPECT_FALSE(outgoing_.too_far_behind(limits, 100'000));
    for (int i = 0; i < 50; ++i)
        outgoing_.stanza(around_.queues, message(std::string(100, 'x')), "foo.com");
    EXPECT_TRUE(outgoing_.too_far_behind(limits, 100'000));
    EXPECT_EQ(Outgoing(stream::one_document(), around_.now()).size(), 0u);
}

TEST_F(OutgoingBytes, AreWrittenInPartsWhenTheyAreMany)
{
    outgoing_.stanza(around_.queues, message(std::string(1'000'000, 'x')), "foo.com");
    transport_.room = std::deque<std::size_t>(100, 100'000);
    EXPECT_EQ(write(), Outgoing::Written::Some);
    EXPECT_LT(transport_.written.size(), 400'000u);
    while (write() == Outgoing::Written::Some) {
    }
    EXPECT_GT(transport_.written.size(), 1'000'000u);
    EXPECT_TRUE(outgoing_.empty());
}

TEST_F(OutgoingBytes, CrossASwap)
{
    outgoing_.element(around_.queues, "<first/>");
    outgoing_.stanza(around_.queues, message("<body>1</body>"), "bob@foo.com/r");
    transport_.room = {10, 0};
    EXPECT_EQ(write(), Outgoing::Written::Blocked);
    handover::ConnectionState state;
    outgoing_.save(state);
    Outgoing successor{stream::one_document(), around_.now()};
    successor.restore(around_.queues, state);
    EXPECT_EQ(successor.size(), outgoing_.size());
    EXPECT_EQ(successor.bytes(), 10u);
    EXPECT_EQ(successor.last_write(), outgoing_.last_write());
    return_all(*successor.take_stanzas(nullptr), around_.host(), "1@c2s/a", around_.parsers, around_.counters);
    EXPECT_EQ(fake_.host.delivered.size(), 1u);
}

} // namespace
} // namespace jabberd::connection
