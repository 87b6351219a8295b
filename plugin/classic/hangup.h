// SPDX-License-Identifier: LGPL-2.1-or-later
// SIGHUP, of which a classic host tells its components nothing.
#pragma once

#include "classic/functions.h"

#include <functional>

namespace jabberd::classic {

// Hears it for all socket managers of the process, without keeping it from a host that does something with it.
class Hangup {
public:
    // `on_hangup` is called in a Pth thread of little stack. The functions are borrowed for good.
    Hangup(const Functions &functions, std::function<void()> on_hangup);

    // [Pth, while loading] False: this host has nothing that it could be heard by.
    bool start();

private:
    static Result look(void *self) noexcept; // as a beat
    static void *wait(void *self) noexcept;  // as a thread

    const Functions &functions_;
    const std::function<void()> on_hangup_;
    const Node *configuration_ = nullptr; // the host's, as it was last seen
};

} // namespace jabberd::classic
