// SPDX-License-Identifier: LGPL-2.1-or-later
#include "workers/drain.h"

#include "workers/worker.h"

#include <algorithm>

namespace jabberd::workers {

namespace {

// Fewer at a time spare no server anything: a small server stops at once.
constexpr std::size_t fewest = 100;

} // namespace

Drain::Drain(Worker &worker, const stream::StreamError &error, Duration time)
    : worker_(worker)
    , content_(error.content)
    , error_{error.condition, error.text, content_}
    , end_(worker.loop().now() + time)
{
    worker.for_each([this](const connection::Connection &connection) { left_.push_back(connection.id()); });
    on_timer();
}

void Drain::on_timer()
{
    const Time now = worker_.loop().now();
    const std::size_t ticks = now < end_ ? static_cast<std::size_t>((end_ - now) / event::Timers::tick) + 1 : 1;
    std::size_t share = std::max(fewest, (left_.size() + ticks - 1) / ticks);
    for (; share > 0 && !left_.empty(); --share) {
        worker_.end(left_.back(), error_);
        left_.pop_back();
    }
    if (!left_.empty())
        worker_.loop().timers().set(*this, now + event::Timers::tick);
}

} // namespace jabberd::workers
