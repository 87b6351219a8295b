// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/base/outlet.h"

namespace jabberd::session_manager {

void Outlet::deliver(const jabberd_packet &packet)
{
    const std::uint64_t before = resumes_;
    if (host_.deliver(&host_, &packet) != JABBERD_FULL)
        return;
    // When resume() was called while deliver() was returning, the host does not call it again for this congestion. One
    // that is not over answers FULL to the next packet, too.
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
