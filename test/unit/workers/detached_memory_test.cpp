// SPDX-License-Identifier: LGPL-2.1-or-later
// What a session takes whose client is gone: there may be more of them than clients.
#include "base/view.h"
#include "workers/worker.h"

#include <jabberd/snapshot.h>

#include <gtest/gtest.h>

#include <malloc.h>

namespace jabberd::workers {
namespace {

class StandingClock final : public Clock {
public:
    Time now() const override { return Time{std::chrono::hours{1}}; }
};

handover::ConnectionState waiting(std::uint32_t number)
{
    handover::ConnectionState state;
    state.address = std::to_string(number) + "@c2s/1a2b-0123456789abcdef";
    state.client = "192.0.2.7:40210";
    state.stream = JABBERD_STREAM_OPEN;
    state.session = JABBERD_SESSION_BOUND;
    state.to = "chat.foo.com";
    state.identity = "somebody" + std::to_string(number) + "@chat.foo.com/phone.0123456789ab";
    state.managed = true;
    state.sm_key = std::string(16, 'k');
    state.sm_seconds = 300;
    state.detached_since = 1;
    state.resume_by = UINT64_MAX / 4;
    return state;
}

TEST(DetachedSession, TakesAtMost600Bytes)
{
    constexpr std::uint32_t count = 2000;
    jabberd_host host{};
    const StandingClock clock;
    connection::Shared shared{host, clock};
    auto options = std::make_shared<config::Options>();
    options->host = "c2s";
    Worker worker{shared, options, 0, 1};
    const auto used = [] { return mallinfo2().uordblks; };
    worker.thaw({count, 0x1a2b}, waiting(count)); // what is there once
    const std::size_t before = used();
    for (std::uint32_t number = 0; number < count; ++number)
        worker.thaw({number, 0x1a2b}, waiting(number));
    const std::size_t each = (used() - before) / count;
    RecordProperty("bytes", static_cast<int>(each));
    EXPECT_LE(each, 600u);
    EXPECT_EQ(worker.detached(), count + 1);
}

} // namespace
} // namespace jabberd::workers
