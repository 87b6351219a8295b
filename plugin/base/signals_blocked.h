// SPDX-License-Identifier: LGPL-2.1-or-later
// A host waits for its signals on threads of its own (jabberd 1.1 with pth_sigwait): none may be delivered to ours.
#pragma once

#include <signal.h>

namespace jabberd {

// A thread that is made while it exists gets no signal for life, nor do those that it makes itself; the one that makes
// it gets none meanwhile.
class SignalsBlocked {
public:
    SignalsBlocked()
    {
        sigset_t all;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    SignalsBlocked(const SignalsBlocked &) = delete;
    SignalsBlocked &operator=(const SignalsBlocked &) = delete;

private:
    sigset_t before_;
};

} // namespace jabberd
