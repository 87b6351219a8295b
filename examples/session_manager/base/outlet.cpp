// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/base/outlet.h"

namespace jabberd::session_manager {

void Outlet::deliver(const jabberd_packet &packet)
{
    const std::uint64_t before = resumes_;
    if (host_.deliver(&host_, &packet) != JABBERD_FULL)
        return;
    // When resume() came while deliver() was returning, nobody would tell us again that it is over; a congestion that
    // is not over answers FULL next time, too.
    const std::lock_guard lock{mutex_};
    full_ = resumes_ == before;
}

void Outlet::resume()
{
    {
        const std::lock_guard lock{mutex_};
        ++resumes_;
        full_ = false;
    }
    host_.ready(&host_);
}

} // namespace jabberd::session_manager
