// SPDX-License-Identifier: LGPL-2.1-or-later
// Whether a client that is behind with reading reads at all.
#include "connection/connection.h"

#include "connection/worker.h"

namespace jabberd::connection {

namespace {

// A line of 2 KB a second empties a third of a socket's buffer of 256 KB in this time, and acknowledges much sooner.
constexpr Duration patience = std::chrono::seconds{60};

} // namespace

bool Connection::over_budget() const
{
    return write_blocked_ && queue_ && queue_->size() > worker_.options().limits.queue;
}

Time Connection::progress_due() const
{
    return worker_.loop().now() + patience;
}

void Connection::expect_progress()
{
    if (read_by_ != never || !over_budget())
        return;
    written_before_ = bytes_out_;
    unacknowledged_before_ = net::unacknowledged(transport_->fd());
    read_by_ = progress_due();
    arm();
}

// Since it was looked for. What the kernel takes tells in large steps only; what the client's has got, in small ones.
bool Connection::has_read() const
{
    return bytes_out_ != written_before_ || net::unacknowledged(transport_->fd()) < unacknowledged_before_;
}

void Connection::look_for_progress()
{
    const bool reads = has_read();
    read_by_ = never;
    if (!over_budget())
        return;
    if (!reads)
        return lost("it has read nothing of what it is sent for a minute");
    expect_progress();
}

} // namespace jabberd::connection
