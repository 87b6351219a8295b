// SPDX-License-Identifier: LGPL-2.1-or-later
// Whether the host was told that a name is congested.
#pragma once

#include <jabberd/routes.h>

#include <mutex>
#include <string>

namespace jabberd::link {

// One claimed name. [any-thread] Several peers may answer for it; it is congested while one of them is, for a
// session cannot choose where it goes. The host is told without a lock held, in the order in which things happened: the
// thread that is telling it already tells it what comes meanwhile, too.
class Congestion {
public:
    // `told`: the host believes that it is congested, perhaps.
    Congestion(const jabberd_host &host, const jabberd_routes &routes, std::string name, bool told)
        : host_(host), routes_(routes), name_(std::move(name)), told_(told)
    {
    }

    const std::string &name() const { return name_; }

    // One peer more is congested (1), or one less (-1).
    void change(int peers);
    void end(); // the claim is given up: nothing is told any more

private:
    const jabberd_host &host_;
    const jabberd_routes &routes_;
    const std::string name_;

    std::mutex mutex_;
    int congested_ = 0;
    bool told_, telling_ = false, over_ = false;
};

} // namespace jabberd::link
