// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/core/new_account.h"

#include "base/address.h"
#include "session_manager/base/delay.h"

#include <ctime>

namespace jabberd::session_manager {

bool store_new_account(Storage &storage, const std::string &address, const Credentials &credentials,
                       const Options &options)
{
    if (!storage.accounts.create(address, credentials))
        return false;
    if (options.welcome.empty())
        return true;
    OfflineMessage message;
    message.sender = std::string{split_address(address).host};
    message.recipient = address;
    message.body = options.welcome;
    append_delay(message.body, *message.sender, std::time(nullptr));
    storage.offline.add(address, message);
    return true;
}

} // namespace jabberd::session_manager
