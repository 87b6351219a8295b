// SPDX-License-Identifier: LGPL-2.1-or-later
// From 1.2 on the host has a handler that only sets a flag, and reads its configuration anew when it sees that: the new
// tree is what there is to be seen. 1.1 waits for the signal in a Pth thread, and then does nothing.
#include "classic/hangup.h"

#include <utility>

namespace jabberd::classic {

Hangup::Hangup(const Functions &functions, std::function<void()> on_hangup)
    : functions_(functions), on_hangup_(std::move(on_hangup))
{
}

bool Hangup::start()
{
    if (functions_.protocol() == SessionProtocol::Session)
        return functions_.spawn_first(wait, this);
    configuration_ = functions_.whole_configuration();
    return configuration_ != nullptr && functions_.register_beat(look, this);
}

// The host keeps the old trees, so that a new one never has the address of another.
Result Hangup::look(void *self) noexcept
{
    auto &hangup = *static_cast<Hangup *>(self);
    if (const Node *now = hangup.functions_.whole_configuration(); now != hangup.configuration_) {
        hangup.configuration_ = now;
        hangup.on_hangup_();
    }
    return r_DONE;
}

void *Hangup::wait(void *self) noexcept
{
    auto &hangup = *static_cast<Hangup *>(self);
    while (hangup.functions_.wait_for_hangup())
        hangup.on_hangup_();
    return nullptr;
}

} // namespace jabberd::classic
