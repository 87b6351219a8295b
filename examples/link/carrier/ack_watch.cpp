// SPDX-License-Identifier: LGPL-2.1-or-later
#include "link/carrier/ack_watch.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>

namespace jabberd::link {

namespace {

// More than any round trip, and so much less than the protocol's `silent` (5 s) that a second connection is up by then
// after a cut of 3 s. A peer is written to twice a second.
constexpr Duration silent_for = std::chrono::milliseconds{1'500};

} // namespace

void AckWatch::look(std::uint32_t unacknowledged, Duration last_acknowledgement, Time now)
{
    if (unacknowledged == 0)
        waits_since_.reset();
    else if (!waits_since_)
        waits_since_ = now; // before that, there may have been nothing to acknowledge
    silent_ = waits_since_ && std::min(last_acknowledgement, now - *waits_since_) >= silent_for;
}

void AckWatch::look(int fd, Time now)
{
    tcp_info info{};
    socklen_t size = sizeof info;
    if (::getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) == 0)
        look(info.tcpi_unacked, std::chrono::milliseconds{info.tcpi_last_ack_recv}, now);
}

} // namespace jabberd::link
