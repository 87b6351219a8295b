// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/portable/account.h"

#include "base/address.h"

namespace jabberd::session_manager {

std::optional<PortableAccount> take_account(Storage &storage, const std::string &address)
{
    auto credentials = storage.accounts.find(address);
    const auto state = storage.accounts.state(address);
    if (!credentials || !state)
        return std::nullopt;
    const Address parts = split_address(address);
    PortableAccount account;
    account.user = parts.user;
    account.host = parts.host;
    account.locked = state->locked;
    account.credentials = std::move(*credentials);
    account.credentials.password.reset();
    for (const auto &[contact, item] : storage.rosters.load(address))
        account.roster.push_back(*item);
    for (const std::string &blocked : storage.blocklists.load(address))
        account.blocked.push_back(blocked);
    account.documents = storage.documents.load_all(address);
    account.messages = storage.offline.load(address);
    return account;
}

bool put_account(Storage &storage, const PortableAccount &account)
{
    const std::string address = account.address();
    if (!storage.accounts.create(address, account.credentials))
        return false;
    if (account.locked)
        storage.accounts.set_locked(address, true);
    for (const RosterItem &item : account.roster)
        storage.rosters.save(address, item);
    for (const std::string &blocked : account.blocked)
        storage.blocklists.add(address, blocked);
    for (const Document &document : account.documents)
        storage.documents.restore(address, document);
    for (const OfflineMessage &message : account.messages)
        storage.offline.add(address, message);
    return true;
}

} // namespace jabberd::session_manager
