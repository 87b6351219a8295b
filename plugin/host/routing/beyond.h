// SPDX-License-Identifier: LGPL-2.1-or-later
// The host around this one, if there is one: a jabberd that has loaded it.
#pragma once

#include <jabberd/packet.h>

namespace jabberd::host {

class Beyond {
public:
    // [any-thread] What operators and components are told that the host is: "jabberd 1.4". Lives as long as this.
    virtual const char *name() const = 0;

    // [any-thread] Takes a packet for a name that nothing here answers for: JABBERD_DONE, or JABBERD_CONGESTED; then
    // Host::beyond_is_ready() says when that is over.
    virtual jabberd_result take(const jabberd_packet &packet) = 0;

protected:
    ~Beyond() = default;
};

} // namespace jabberd::host
