// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dialect/end_reasons.h"

namespace jabberd::dialect {

namespace {

constexpr packet::EndReason unreachable{"remote-connection-failed", "The session manager cannot be reached"};

// Said by hosts whose link to another host is down.
bool is_of_link(std::string_view why)
{
    return why.find("not connected") != std::string_view::npos || why == "Internal Timeout" ||
           why == "External Server Error";
}

} // namespace

packet::EndReason end_of_session(std::string_view why, bool undelivered, bool replaced)
{
    if (!undelivered) {
        return replaced ? packet::EndReason{"conflict", "The session was ended: a newer login has its name"}
                        : packet::EndReason{"reset", "The session manager has ended the session"};
    }
    if (why == "Invalid Session" || why == "Invalid User")
        return {"reset", "The session manager does not know this session any more"};
    return unreachable;
}

packet::EndReason end_of_question(std::string_view why)
{
    if (is_of_link(why))
        return unreachable;
    return {"host-unknown", "Nobody of that name is served here"};
}

} // namespace jabberd::dialect
